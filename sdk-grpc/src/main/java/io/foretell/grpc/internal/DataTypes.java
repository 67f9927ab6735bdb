package io.foretell.grpc.internal;

import io.foretell.grpc.proto.DataType;
import io.foretell.tensor.DType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which of TensorFlow's types is which of ours. Not for users. */
public final class DataTypes {
    /** A reference type, which a signature may declare, is its base type plus this. */
    private static final int REFERENCE = 100;

    private static final Map<DType, DataType> TO_WIRE = new EnumMap<>(DType.class);
    private static final Map<Integer, DType> FROM_WIRE = new HashMap<>();

    static {
        pair(DType.FLOAT16, DataType.DT_HALF);
        pair(DType.BFLOAT16, DataType.DT_BFLOAT16);
        pair(DType.FLOAT32, DataType.DT_FLOAT);
        pair(DType.FLOAT64, DataType.DT_DOUBLE);
        pair(DType.COMPLEX64, DataType.DT_COMPLEX64);
        pair(DType.COMPLEX128, DataType.DT_COMPLEX128);
        pair(DType.INT8, DataType.DT_INT8);
        pair(DType.INT16, DataType.DT_INT16);
        pair(DType.INT32, DataType.DT_INT32);
        pair(DType.INT64, DataType.DT_INT64);
        pair(DType.UINT8, DataType.DT_UINT8);
        pair(DType.UINT16, DataType.DT_UINT16);
        pair(DType.UINT32, DataType.DT_UINT32);
        pair(DType.UINT64, DataType.DT_UINT64);
        pair(DType.BOOL, DataType.DT_BOOL);
        pair(DType.STRING, DataType.DT_STRING);
        pair(DType.QINT8, DataType.DT_QINT8);
        pair(DType.QINT16, DataType.DT_QINT16);
        pair(DType.QINT32, DataType.DT_QINT32);
        pair(DType.QUINT8, DataType.DT_QUINT8);
        pair(DType.QUINT16, DataType.DT_QUINT16);
        pair(DType.FLOAT8_E5M2, DataType.DT_FLOAT8_E5M2);
        pair(DType.FLOAT8_E4M3FN, DataType.DT_FLOAT8_E4M3FN);
        pair(DType.INT4, DataType.DT_INT4);
        pair(DType.UINT4, DataType.DT_UINT4);
    }

    private DataTypes() {}

    private static void pair(DType ours, DataType theirs) {
        TO_WIRE.put(ours, theirs);
        FROM_WIRE.put(theirs.getNumber(), ours);
        FROM_WIRE.put(theirs.getNumber() + REFERENCE, ours);
    }

    /** TensorFlow's type; every one of ours has one. */
    public static DataType toWire(DType dtype) {
        DataType wire = TO_WIRE.get(dtype);
        if (wire == null) {
            throw new IllegalStateException("no TensorFlow type for " + dtype);
        }
        return wire;
    }

    /** Our type of a number of TensorFlow's, a reference type being its base type; null for one that cannot travel. */
    public static @Nullable DType fromWire(int number) {
        return FROM_WIRE.get(number);
    }
}
