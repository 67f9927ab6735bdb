package io.foretell.it;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import org.tensorflow.EagerSession;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TString;

/**
 * TensorFlow's own reader and writer of TensorProto, run as kernels. Numbers of a dtype that TensorFlow Java has no class
 * for come out as bytes, by the kernel Bitcast, and go in as a TensorProto.
 *
 * <p>Give {@link #parse} nothing malformed: TensorFlow answers a negative dimension by ending the process.
 */
final class TensorFlowKernels implements AutoCloseable {
    private final EagerSession session = EagerSession.create();
    private final Ops tf = Ops.create(session);

    /** The kernel ParseTensor: what TensorFlow reads in the bytes of a TensorProto. */
    Tensor parse(byte[] proto, DType dtype) {
        Output<?> parsed = parsed(proto, dtype);
        if (TensorFlowTensors.TYPES.containsKey(dtype)) {
            return TensorFlowTensors.fromTensorFlow(parsed.asTensor());
        }
        Output<?> bytes = operation("Bitcast", parsed, "type", DataType.DT_UINT8);
        byte[] content = TensorFlowTensors.content(bytes.asTensor().asRawTensor());
        return Tensor.ofBuffer(
                dtype, ByteBuffer.wrap(content), Shape.of(parsed.shape().asArray()));
    }

    /** As {@link #parse}, but widened to FLOAT32 by the kernel Cast, for dtypes whose bits no kernel gives away. */
    Tensor parseAsFloats(byte[] proto, DType dtype) {
        Output<?> parsed = parsed(proto, dtype);
        boolean integer = dtype == DType.INT4 || dtype == DType.UINT4; // Cast knows no way from these to floats
        Output<?> readable = integer ? operation("Cast", parsed, "DstT", DataType.DT_INT32) : parsed;
        Output<?> floats = operation("Cast", readable, "DstT", DataType.DT_FLOAT);
        return TensorFlowTensors.fromTensorFlow(floats.asTensor());
    }

    /** The kernel SerializeTensor: the bytes of the TensorProto that TensorFlow makes of this tensor. */
    byte[] serialize(Tensor tensor) {
        Output<?> value = TensorFlowTensors.TYPES.containsKey(tensor.dtype())
                ? tf.constantOf(TensorFlowTensors.toTensorFlow(tensor)).asOutput()
                : parsed(UpstreamTensors.compact(tensor).toByteArray(), tensor.dtype());
        Output<?> proto = builder("SerializeTensor", value).build().output(0);
        return ((TString) proto.asTensor()).asBytes().getObject();
    }

    @Override
    public void close() {
        session.close();
    }

    private Output<?> parsed(byte[] proto, DType dtype) {
        TString scalar = TString.tensorOfBytes(NdArrays.scalarOfObject(proto));
        return operation(
                "ParseTensor", tf.constantOf(scalar).asOutput(), "out_type", TensorFlowTensors.dataType(dtype));
    }

    private Output<?> operation(String name, Output<?> input, String attribute, DataType type) {
        return builder(name, input).setAttr(attribute, type).build().output(0);
    }

    private OperationBuilder builder(String name, Output<?> input) {
        return session.opBuilder(name, name, tf.scope()).addInput(input);
    }
}
