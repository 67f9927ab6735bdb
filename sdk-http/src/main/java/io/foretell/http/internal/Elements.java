package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.foretell.error.InferenceException;
import io.foretell.tensor.DType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** A growing array of one tensor's elements. */
abstract class Elements {
    private static final int FIRST_CAPACITY = 16;
    /** An array's header and the reference to it. */
    private static final int STRING_BYTES = 24;

    final String name;
    final DType dtype;
    int size;

    private Elements(String name, DType dtype) {
        this.name = name;
        this.dtype = dtype;
    }

    static Elements of(String name, DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> new Floats(name);
            case FLOAT64 -> new Doubles(name);
            case BOOL -> new Booleans(name);
            case STRING -> new Strings(name);
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> new Integers(name, dtype);
            default ->
                throw JsonFailures.unreadable("tensor " + name + " of " + dtype + " cannot travel as JSON: use gRPC");
        };
    }

    /** The dtype of a tensor that starts with such a token: JSON itself has none. */
    static DType suggested(String name, JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> DType.INT64;
            case VALUE_NUMBER_FLOAT -> DType.FLOAT32;
            case VALUE_TRUE, VALUE_FALSE -> DType.BOOL;
            case VALUE_STRING -> DType.STRING;
            default -> throw JsonFailures.unreadable("tensor " + name + " holds null");
        };
    }

    /** What one element takes while it is read; of a string, apart from its text. */
    int bytesPerElement() {
        return switch (dtype) {
            case STRING -> STRING_BYTES;
            case FLOAT32, BOOL -> dtype.byteSize();
            default -> Long.BYTES;
        };
    }

    /** Adds the scalar at the current token. */
    abstract void add(JsonParser in, JsonToken token) throws IOException;

    void addBase64(String text) {
        throw wrong("a string");
    }

    /** Itself, unless the next element shows that the suggested dtype is too narrow. */
    Elements widenedFor(JsonToken token) {
        return this;
    }

    /** The elements in an array of the dtype's own type. */
    abstract Object array();

    /** The capacity for one element more. */
    static int grown(int size) {
        return Math.max(FIRST_CAPACITY, Math.addExact(size, size >> 1));
    }

    InferenceException wrong(String found) {
        return JsonFailures.unreadable("tensor " + name + " holds " + found + " where its dtype is " + dtype);
    }

    static String spoken(JsonToken token) {
        return switch (token) {
            case VALUE_NUMBER_INT -> "a whole number";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
            case VALUE_TRUE, VALUE_FALSE -> "a truth value";
            case VALUE_STRING -> "a string";
            default -> "null";
        };
    }

    private static boolean isNumber(JsonToken token) {
        return token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    }

    /** Every integer dtype, range-checked; held as longs until the end. */
    private static final class Integers extends Elements {
        private long[] values = new long[0];

        Integers(String name, DType dtype) {
            super(name, dtype);
        }

        @Override
        void add(JsonParser in, JsonToken token) throws IOException {
            if (token != JsonToken.VALUE_NUMBER_INT) {
                throw wrong(spoken(token));
            }
            boolean fits;
            long value;
            if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                BigInteger big = in.getBigIntegerValue();
                value = big.longValue();
                fits = dtype == DType.UINT64 && big.signum() > 0 && big.bitLength() <= Long.SIZE;
            } else {
                value = in.getLongValue();
                fits = inRange(value);
            }
            if (!fits) {
                throw wrong("a number out of range");
            }
            if (size == values.length) {
                values = Arrays.copyOf(values, grown(size));
            }
            values[size++] = value;
        }

        private boolean inRange(long value) {
            return switch (dtype) {
                case INT8 -> value == (byte) value;
                case INT16 -> value == (short) value;
                case INT32 -> value == (int) value;
                case UINT8 -> value == (value & 0xFFL);
                case UINT16 -> value == (value & 0xFFFFL);
                case UINT32 -> value == (value & 0xFFFF_FFFFL);
                case UINT64 -> value >= 0;
                default -> true;
            };
        }

        @Override
        Elements widenedFor(JsonToken token) {
            if (token != JsonToken.VALUE_NUMBER_FLOAT) {
                return this;
            }
            Floats floats = new Floats(name);
            floats.values = new float[size];
            for (int i = 0; i < size; i++) {
                floats.values[i] = values[i];
            }
            floats.size = size;
            return floats;
        }

        @Override
        Object array() {
            return switch (dtype.byteSize()) {
                case Byte.BYTES -> {
                    byte[] narrow = new byte[size];
                    for (int i = 0; i < size; i++) {
                        narrow[i] = (byte) values[i];
                    }
                    yield narrow;
                }
                case Short.BYTES -> {
                    short[] narrow = new short[size];
                    for (int i = 0; i < size; i++) {
                        narrow[i] = (short) values[i];
                    }
                    yield narrow;
                }
                case Integer.BYTES -> {
                    int[] narrow = new int[size];
                    for (int i = 0; i < size; i++) {
                        narrow[i] = (int) values[i];
                    }
                    yield narrow;
                }
                default -> Arrays.copyOf(values, size);
            };
        }
    }

    private static final class Floats extends Elements {
        private float[] values = new float[0];

        Floats(String name) {
            super(name, DType.FLOAT32);
        }

        @Override
        void add(JsonParser in, JsonToken token) throws IOException {
            if (!isNumber(token)) {
                throw wrong(spoken(token));
            }
            float value = in.getFloatValue();
            if (Float.isInfinite(value) && isDigits(in)) {
                throw wrong("a number out of range");
            }
            if (size == values.length) {
                values = Arrays.copyOf(values, grown(size));
            }
            values[size++] = value;
        }

        @Override
        Object array() {
            return Arrays.copyOf(values, size);
        }
    }

    private static final class Doubles extends Elements {
        private double[] values = new double[0];

        Doubles(String name) {
            super(name, DType.FLOAT64);
        }

        @Override
        void add(JsonParser in, JsonToken token) throws IOException {
            if (!isNumber(token)) {
                throw wrong(spoken(token));
            }
            double value = in.getDoubleValue();
            if (Double.isInfinite(value) && isDigits(in)) {
                throw wrong("a number out of range");
            }
            if (size == values.length) {
                values = Arrays.copyOf(values, grown(size));
            }
            values[size++] = value;
        }

        @Override
        Object array() {
            return Arrays.copyOf(values, size);
        }
    }

    /** Whether an infinite value was not written as the word. */
    private static boolean isDigits(JsonParser in) throws IOException {
        return in.getText().chars().anyMatch(c -> c >= '0' && c <= '9');
    }

    private static final class Booleans extends Elements {
        private boolean[] values = new boolean[0];

        Booleans(String name) {
            super(name, DType.BOOL);
        }

        @Override
        void add(JsonParser in, JsonToken token) {
            if (!token.isBoolean()) {
                throw wrong(spoken(token));
            }
            if (size == values.length) {
                values = Arrays.copyOf(values, grown(size));
            }
            values[size++] = token == JsonToken.VALUE_TRUE;
        }

        @Override
        Object array() {
            return Arrays.copyOf(values, size);
        }
    }

    private static final class Strings extends Elements {
        private byte[][] values = new byte[0][];

        Strings(String name) {
            super(name, DType.STRING);
        }

        @Override
        void add(JsonParser in, JsonToken token) throws IOException {
            if (token != JsonToken.VALUE_STRING) {
                throw wrong(spoken(token));
            }
            add(in.getText().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        void addBase64(String text) {
            try {
                add(Base64.getDecoder().decode(text));
            } catch (IllegalArgumentException e) {
                throw JsonFailures.unreadable("tensor " + name + " holds a \"b64\" that is not base64");
            }
        }

        private void add(byte[] value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, grown(size));
            }
            values[size++] = value;
        }

        @Override
        Object array() {
            return Arrays.copyOf(values, size);
        }
    }
}
