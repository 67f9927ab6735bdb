package io.foretell.tensor;

import java.nio.ByteBuffer;

/** What a tensor's values are kept in: the one place that knows each array type. */
enum Storage {
    FLOATS(float[].class, 4) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.asFloatBuffer().put((float[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.asFloatBuffer().get((float[]) array, offset, count);
        }
    },
    DOUBLES(double[].class, 8) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.asDoubleBuffer().put((double[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.asDoubleBuffer().get((double[]) array, offset, count);
        }
    },
    INTS(int[].class, 4) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.asIntBuffer().put((int[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.asIntBuffer().get((int[]) array, offset, count);
        }
    },
    LONGS(long[].class, 8) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.asLongBuffer().put((long[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.asLongBuffer().get((long[]) array, offset, count);
        }
    },
    SHORTS(short[].class, 2) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.asShortBuffer().put((short[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.asShortBuffer().get((short[]) array, offset, count);
        }
    },
    BYTES(byte[].class, 1) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            target.duplicate().put((byte[]) array, offset, count);
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            source.duplicate().get((byte[]) array, offset, count);
        }
    },
    BOOLEANS(boolean[].class, 1) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            boolean[] values = (boolean[]) array;
            int position = target.position();
            for (int i = 0; i < count; i++) {
                target.put(position + i, values[offset + i] ? (byte) 1 : 0);
            }
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            boolean[] values = (boolean[]) array;
            int position = source.position();
            for (int i = 0; i < count; i++) {
                values[offset + i] = source.get(position + i) != 0;
            }
        }
    },
    STRINGS(byte[][].class, 0) {
        @Override
        void put(ByteBuffer target, Object array, int offset, int count) {
            throw new IllegalStateException("STRING elements have no fixed width");
        }

        @Override
        void get(ByteBuffer source, Object array, int offset, int count) {
            throw new IllegalStateException("STRING elements have no fixed width");
        }
    };

    private final Class<?> arrayType;
    private final int slotBytes;

    Storage(Class<?> arrayType, int slotBytes) {
        this.arrayType = arrayType;
        this.slotBytes = slotBytes;
    }

    /** Bytes of one array slot in a buffer; 0 for strings. */
    int slotBytes() {
        return slotBytes;
    }

    Class<?> arrayType() {
        return arrayType;
    }

    Object create(int slots) {
        return java.lang.reflect.Array.newInstance(arrayType.getComponentType(), slots);
    }

    /** Writes at the position of a little-endian buffer, which does not move. */
    abstract void put(ByteBuffer target, Object array, int offset, int count);

    /** Reads at the position of a little-endian buffer, which does not move. */
    abstract void get(ByteBuffer source, Object array, int offset, int count);
}
