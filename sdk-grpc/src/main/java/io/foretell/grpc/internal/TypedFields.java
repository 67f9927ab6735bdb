package io.foretell.grpc.internal;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import java.util.Arrays;

/**
 * Values in the typed fields of a message, one field for each group of dtypes. They may be fewer than the shape needs:
 * then the last one repeats, and none at all stand for zeros.
 */
final class TypedFields {
    private static final byte[] EMPTY_STRING = {};

    private TypedFields() {}

    /** An array of the type that the dtype is held in. The shape is known to fit one. */
    static Object read(String name, TensorProto proto, DType dtype, Shape shape) {
        int period = dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1;
        int slots = (int) shape.elementCount() * period;
        int given = given(proto, dtype);
        if (given > slots) {
            throw MalformedTensor.because(name, proto, given + " values, but the shape has room for " + slots);
        }
        if (given % period != 0) {
            throw MalformedTensor.because(name, proto, given + " values do not make pairs");
        }
        if (given == 0) {
            requireNoOtherValues(name, proto);
        }
        Object array = copy(name, proto, dtype, slots, given);
        repeatLast(array, slots, given, period);
        return array;
    }

    private static int given(TensorProto proto, DType dtype) {
        return switch (dtype) {
            case FLOAT16, BFLOAT16 -> proto.getHalfValCount();
            case FLOAT32 -> proto.getFloatValCount();
            case FLOAT64 -> proto.getDoubleValCount();
            case COMPLEX64 -> proto.getScomplexValCount();
            case COMPLEX128 -> proto.getDcomplexValCount();
            case INT64 -> proto.getInt64ValCount();
            case UINT32 -> proto.getUint32ValCount();
            case UINT64 -> proto.getUint64ValCount();
            case BOOL -> proto.getBoolValCount();
            case STRING -> proto.getStringValCount();
            case FLOAT8_E5M2, FLOAT8_E4M3FN -> proto.getFloat8Val().size();
            case INT8, INT16, INT32, UINT8, UINT16, QINT8, QINT16, QINT32, QUINT8, QUINT16, INT4, UINT4 ->
                proto.getIntValCount();
        };
    }

    /** A message that keeps its values in the field of another dtype must not read as zeros. */
    private static void requireNoOtherValues(String name, TensorProto proto) {
        for (FieldDescriptor field : proto.getAllFields().keySet()) {
            if (field.getNumber() > TensorProto.VERSION_NUMBER_FIELD_NUMBER) {
                throw MalformedTensor.because(
                        name, proto, "values in " + field.getName() + ", which belongs to another dtype");
            }
        }
    }

    private static Object copy(String name, TensorProto proto, DType dtype, int slots, int given) {
        return switch (dtype) {
            case FLOAT32, COMPLEX64 -> floats(proto, dtype, slots, given);
            case FLOAT64, COMPLEX128 -> doubles(proto, dtype, slots, given);
            case INT32, QINT32, UINT32 -> ints(proto, dtype, slots, given);
            case INT64, UINT64 -> longs(proto, dtype, slots, given);
            case FLOAT16, BFLOAT16, INT16, UINT16, QINT16, QUINT16 -> shorts(name, proto, dtype, slots, given);
            case INT8, UINT8, QINT8, QUINT8, INT4, UINT4 -> bytes(name, proto, slots, given);
            case FLOAT8_E5M2, FLOAT8_E4M3FN ->
                Arrays.copyOf(proto.getFloat8Val().toByteArray(), slots);
            case BOOL -> booleans(proto, slots, given);
            case STRING -> strings(proto, slots, given);
        };
    }

    private static float[] floats(TensorProto proto, DType dtype, int slots, int given) {
        float[] values = new float[slots];
        for (int i = 0; i < given; i++) {
            values[i] = dtype == DType.FLOAT32 ? proto.getFloatVal(i) : proto.getScomplexVal(i);
        }
        return values;
    }

    private static double[] doubles(TensorProto proto, DType dtype, int slots, int given) {
        double[] values = new double[slots];
        for (int i = 0; i < given; i++) {
            values[i] = dtype == DType.FLOAT64 ? proto.getDoubleVal(i) : proto.getDcomplexVal(i);
        }
        return values;
    }

    private static int[] ints(TensorProto proto, DType dtype, int slots, int given) {
        int[] values = new int[slots];
        for (int i = 0; i < given; i++) {
            values[i] = dtype == DType.UINT32 ? proto.getUint32Val(i) : proto.getIntVal(i);
        }
        return values;
    }

    private static long[] longs(TensorProto proto, DType dtype, int slots, int given) {
        long[] values = new long[slots];
        for (int i = 0; i < given; i++) {
            values[i] = dtype == DType.INT64 ? proto.getInt64Val(i) : proto.getUint64Val(i);
        }
        return values;
    }

    private static short[] shorts(String name, TensorProto proto, DType dtype, int slots, int given) {
        boolean half = dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
        short[] values = new short[slots];
        for (int i = 0; i < given; i++) {
            values[i] = (short) fitting(name, proto, half ? proto.getHalfVal(i) : proto.getIntVal(i), Short.SIZE);
        }
        return values;
    }

    private static byte[] bytes(String name, TensorProto proto, int slots, int given) {
        byte[] values = new byte[slots];
        for (int i = 0; i < given; i++) {
            values[i] = (byte) fitting(name, proto, proto.getIntVal(i), Byte.SIZE);
        }
        return values;
    }

    /** Either sign is accepted: what counts are the bits. */
    private static int fitting(String name, TensorProto proto, int value, int bits) {
        if (value < -(1 << bits - 1) || value >= 1 << bits) {
            throw MalformedTensor.because(name, proto, "a value that does not fit " + bits + " bits");
        }
        return value;
    }

    private static boolean[] booleans(TensorProto proto, int slots, int given) {
        boolean[] values = new boolean[slots];
        for (int i = 0; i < given; i++) {
            values[i] = proto.getBoolVal(i);
        }
        return values;
    }

    private static byte[][] strings(TensorProto proto, int slots, int given) {
        byte[][] values = new byte[slots][];
        for (int i = 0; i < given; i++) {
            values[i] = proto.getStringVal(i).toByteArray();
        }
        if (given == 0) {
            Arrays.fill(values, EMPTY_STRING);
        }
        return values;
    }

    private static void repeatLast(Object array, int slots, int given, int period) {
        if (given == 0) {
            return;
        }
        int last = given - period;
        for (int filled = given; filled < slots; ) {
            int length = Math.min(filled - last, slots - filled);
            System.arraycopy(array, last, array, filled, length);
            filled += length;
        }
    }
}
