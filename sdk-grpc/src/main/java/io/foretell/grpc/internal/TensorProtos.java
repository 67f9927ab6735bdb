package io.foretell.grpc.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.foretell.error.InferenceException;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.grpc.proto.TensorShapeProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tensors in TensorFlow's wire form. Not for users.
 *
 * <p>Written are little-endian {@code tensor_content}, and {@code string_val} for strings. Read are both of TensorFlow's
 * forms: {@code tensor_content}, also for strings, and the typed fields, where the last value repeats until the shape is
 * full and no value at all stands for zeros. Everything is checked before anything is allocated.
 */
public final class TensorProtos {
    /** TensorFlow's own limit. */
    private static final int MAX_RANK = 254;

    /** What an element of a string tensor takes in memory at least: its reference. */
    private static final int REFERENCE_BYTES = 8;

    private static final long MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8;

    private TensorProtos() {}

    /**
     * A tensor to send. The elements are copied once.
     *
     * @throws IllegalArgumentException if the elements take 2 GiB or more
     */
    public static TensorProto toProto(Tensor tensor) {
        TensorProto.Builder proto = TensorProto.newBuilder()
                .setDtype(DataTypes.toWire(tensor.dtype()))
                .setTensorShape(toProto(tensor.shape()));
        if (tensor.dtype() == DType.STRING) {
            for (byte[] element : tensor.byteStrings()) {
                proto.addStringVal(UnsafeByteOperations.unsafeWrap(element));
            }
            return proto.build();
        }
        if (tensor.byteLength() > MAX_ARRAY_BYTES) {
            throw new IllegalArgumentException(tensor + " takes " + tensor.byteLength() + " bytes: slice it");
        }
        byte[] content = new byte[(int) tensor.byteLength()];
        tensor.copyTo(ByteBuffer.wrap(content), 0, (int) tensor.shape().elementCount());
        return proto.setTensorContent(UnsafeByteOperations.unsafeWrap(content)).build();
    }

    private static TensorShapeProto toProto(Shape shape) {
        TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
        for (long dim : shape.dims()) {
            proto.addDim(TensorShapeProto.Dim.newBuilder().setSize(dim));
        }
        return proto.build();
    }

    /**
     * Tensors received, in the order given.
     *
     * @param maxBytes what all of them together may take in memory, whatever their size on the wire
     * @throws InferenceException as {@link #toTensor} does
     */
    public static Map<String, Tensor> toTensors(Map<String, TensorProto> protos, long maxBytes) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long left = maxBytes;
        for (Map.Entry<String, TensorProto> entry : protos.entrySet()) {
            Tensor tensor = toTensor(entry.getKey(), entry.getValue(), left);
            left -= tensor.shape().elementCount() * elementBytes(tensor.dtype());
            tensors.put(entry.getKey(), tensor);
        }
        return tensors;
    }

    /**
     * A tensor received. It may share the memory of the message.
     *
     * @param name what the message calls it
     * @param maxBytes what its elements may take in memory; one value on the wire can fill a shape of any size
     * @throws InferenceException PROTOCOL if it is malformed, PAYLOAD_TOO_LARGE if it takes more than {@code maxBytes};
     *     both name the tensor, its dtype and its shape
     */
    public static Tensor toTensor(String name, TensorProto proto, long maxBytes) {
        DType dtype = DataTypes.fromWire(proto.getDtypeValue());
        if (dtype == null) {
            throw MalformedTensor.because(name, proto, "not a type whose values can travel");
        }
        Shape shape = toShape(name, proto);
        if (shape.elementCount() > Math.min(maxBytes, MAX_ARRAY_BYTES) / elementBytes(dtype)) {
            throw MalformedTensor.tooLarge(
                    name, proto, "more than the " + maxBytes + " bytes that the response may still take in memory");
        }
        ByteString content = proto.getTensorContent();
        if (content.isEmpty()) {
            return Tensor.ofArray(dtype, TypedFields.read(name, proto, dtype, shape), shape);
        }
        if (dtype == DType.STRING) {
            return Tensor.ofArray(dtype, StringContent.read(name, proto, (int) shape.elementCount()), shape);
        }
        if (content.size() != shape.elementCount() * dtype.byteSize()) {
            throw MalformedTensor.because(
                    name,
                    proto,
                    content.size() + " bytes of content, but the shape needs "
                            + shape.elementCount() * dtype.byteSize());
        }
        return Tensor.ofBuffer(dtype, content.asReadOnlyByteBuffer(), shape);
    }

    private static int elementBytes(DType dtype) {
        return dtype == DType.STRING ? REFERENCE_BYTES : dtype.byteSize();
    }

    private static Shape toShape(String name, TensorProto proto) {
        TensorShapeProto wire = proto.getTensorShape();
        if (wire.getUnknownRank()) {
            throw MalformedTensor.because(name, proto, "a value cannot have an unknown rank");
        }
        if (wire.getDimCount() > MAX_RANK) {
            throw MalformedTensor.because(
                    name, proto, "rank " + wire.getDimCount() + " is more than TensorFlow's " + MAX_RANK);
        }
        long[] dims = new long[wire.getDimCount()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = wire.getDim(i).getSize();
        }
        try {
            return Shape.of(dims);
        } catch (IllegalArgumentException fault) {
            throw MalformedTensor.because(name, proto, "impossible shape: " + fault.getMessage(), fault);
        }
    }
}
