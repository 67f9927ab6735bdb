package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Tensors of one value throughout. */
final class Fill {
    private Fill() {}

    /** @param name whose padding it is, for the message */
    static Tensor of(String name, DType dtype, Shape shape, double value) {
        if (value != 0 && !fits(dtype, value)) {
            throw CodecFaults.encoding("'" + name + "' is " + dtype + " and cannot be padded with " + value);
        }
        if (dtype == DType.STRING) {
            byte[][] texts = new byte[Math.toIntExact(shape.elementCount())][];
            Arrays.fill(texts, new byte[0]);
            return Tensor.of(texts, shape.dims());
        }
        long bytes = Math.multiplyExact(shape.elementCount(), dtype.byteSize());
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
        while (value != 0 && buffer.hasRemaining()) {
            put(buffer, dtype, value);
        }
        return Tensor.ofBuffer(dtype, buffer.rewind(), shape);
    }

    /** Texts, complex numbers and what is packed in odd bits have no other padding than zero. */
    private static boolean fits(DType dtype, double value) {
        return switch (dtype) {
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
            case INT8, INT16, INT32, INT64, QINT8, QINT16, QINT32 -> {
                double end = Math.scalb(1.0, 8 * dtype.byteSize() - 1);
                yield value == Math.rint(value) && value >= -end && value < end;
            }
            case UINT8, UINT16, UINT32, UINT64, QUINT8, QUINT16 -> {
                // Beyond half of the range of 64 bits a double would lose units.
                double end = Math.scalb(1.0, Math.min(63, 8 * dtype.byteSize()));
                yield value == Math.rint(value) && value >= 0 && value < end;
            }
            case BOOL -> value == 1;
            default -> false;
        };
    }

    private static void put(ByteBuffer target, DType dtype, double value) {
        switch (dtype) {
            case FLOAT32 -> target.putFloat((float) value);
            case FLOAT64 -> target.putDouble(value);
            case FLOAT16, BFLOAT16 ->
                Tensor.rounded(dtype, new float[] {(float) value}).copyTo(target, 0, 1);
            default -> putBits(target, dtype.byteSize(), (long) value);
        }
    }

    private static void putBits(ByteBuffer target, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            target.put((byte) (value >> 8 * i));
        }
    }
}
