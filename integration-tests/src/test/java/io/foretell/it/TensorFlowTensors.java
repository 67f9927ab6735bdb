package io.foretell.it;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import org.tensorflow.RawTensor;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** Our tensors as TensorFlow Java's and back, for the dtypes it has a class for; the elements are copied. */
final class TensorFlowTensors {
    static final Map<DType, Class<? extends TType>> TYPES = Map.of(
            DType.FLOAT16, TFloat16.class,
            DType.BFLOAT16, TBfloat16.class,
            DType.FLOAT32, TFloat32.class,
            DType.FLOAT64, TFloat64.class,
            DType.INT32, TInt32.class,
            DType.INT64, TInt64.class,
            DType.UINT8, TUint8.class,
            DType.UINT16, TUint16.class,
            DType.BOOL, TBool.class,
            DType.STRING, TString.class);

    private TensorFlowTensors() {}

    static DataType dataType(DType dtype) {
        return DataType.forNumber(UpstreamTensors.dataType(dtype).getNumber());
    }

    static DType dtype(DataType dataType) {
        for (DType dtype : DType.values()) {
            if (dataType(dtype) == dataType) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("no dtype for " + dataType);
    }

    /** The caller closes it. */
    static TType toTensorFlow(Tensor tensor) {
        Class<? extends TType> type = TYPES.get(tensor.dtype());
        if (type == null) {
            throw new IllegalArgumentException("TensorFlow Java has no class for " + tensor.dtype());
        }
        var shape = org.tensorflow.ndarray.Shape.of(tensor.shape().dims());
        if (tensor.dtype() == DType.STRING) {
            return TString.tensorOfBytes(shape, DataBuffers.of(tensor.byteStrings(), true, false));
        }
        byte[] content = SampleTensors.content(tensor);
        return org.tensorflow.Tensor.of(
                type, shape, created -> created.asRawTensor().data().write(content));
    }

    static Tensor fromTensorFlow(org.tensorflow.Tensor tensor) {
        Shape shape = Shape.of(tensor.shape().asArray());
        if (tensor instanceof TString strings) {
            byte[][] values = strings.asBytes().streamOfObjects().toArray(byte[][]::new);
            return Tensor.ofArray(DType.STRING, values, shape);
        }
        RawTensor raw = tensor.asRawTensor();
        return Tensor.ofBuffer(dtype(raw.dataType()), ByteBuffer.wrap(content(raw)), shape);
    }

    static byte[] content(RawTensor raw) {
        byte[] content = new byte[(int) raw.numBytes()];
        raw.data().read(content);
        return content;
    }
}
