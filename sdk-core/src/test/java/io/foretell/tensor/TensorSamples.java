package io.foretell.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Random elements of any dtype, and the same elements in every kind of buffer. */
final class TensorSamples {
    private TensorSamples() {}

    /** An array as {@link Tensor#ofArray} takes it. */
    static Object array(DType dtype, int elements, Random random) {
        int slots = elements * dtype.slots();
        Object array = dtype.storage().create(slots);
        for (int i = 0; i < slots; i++) {
            if (array instanceof float[] floats) {
                floats[i] = Float.intBitsToFloat(random.nextInt());
            } else if (array instanceof double[] doubles) {
                doubles[i] = Double.longBitsToDouble(random.nextLong());
            } else if (array instanceof long[] longs) {
                longs[i] = random.nextLong();
            } else if (array instanceof int[] ints) {
                ints[i] = random.nextInt();
            } else if (array instanceof short[] shorts) {
                shorts[i] = (short) random.nextInt();
            } else if (array instanceof byte[] bytes) {
                bytes[i] = (byte) random.nextInt();
            } else if (array instanceof boolean[] booleans) {
                booleans[i] = random.nextBoolean();
            } else {
                random.nextBytes(((byte[][]) array)[i] = new byte[random.nextInt(5)]);
            }
        }
        return array;
    }

    /** The little-endian bytes of an array, one put after the other. */
    static byte[] bytes(DType dtype, Object array) {
        int slots = java.lang.reflect.Array.getLength(array);
        ByteBuffer bytes =
                ByteBuffer.allocate(slots / dtype.slots() * dtype.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < slots; i++) {
            if (array instanceof float[] floats) {
                bytes.putInt(Float.floatToRawIntBits(floats[i]));
            } else if (array instanceof double[] doubles) {
                bytes.putLong(Double.doubleToRawLongBits(doubles[i]));
            } else if (array instanceof long[] longs) {
                bytes.putLong(longs[i]);
            } else if (array instanceof int[] ints) {
                bytes.putInt(ints[i]);
            } else if (array instanceof short[] shorts) {
                bytes.putShort(shorts[i]);
            } else if (array instanceof byte[] some) {
                bytes.put(some[i]);
            } else {
                bytes.put((byte) (((boolean[]) array)[i] ? 1 : 0));
            }
        }
        return bytes.array();
    }

    /** Heap and direct, read-only, of both orders, with bytes around that do not belong. */
    static List<ByteBuffer> buffers(byte[] bytes) {
        ByteBuffer heap = ByteBuffer.wrap(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        ByteBuffer within =
                ByteBuffer.allocate(bytes.length + 7).position(3).put(bytes).limit(bytes.length + 3);
        within.position(3);
        return List.of(
                heap.duplicate().order(ByteOrder.LITTLE_ENDIAN),
                heap.duplicate().order(ByteOrder.BIG_ENDIAN),
                heap.asReadOnlyBuffer(),
                direct.duplicate().order(ByteOrder.LITTLE_ENDIAN),
                direct.duplicate().order(ByteOrder.BIG_ENDIAN),
                direct.asReadOnlyBuffer(),
                within);
    }
}
