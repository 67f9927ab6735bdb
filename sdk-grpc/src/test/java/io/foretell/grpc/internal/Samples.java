package io.foretell.grpc.internal;

import com.google.protobuf.ByteString;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.grpc.proto.TensorShapeProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;

/** Tensors of every dtype, and the typed-field form that a server writes them in by default. */
final class Samples {
    private Samples() {}

    static Tensor tensor(DType dtype, long... dims) {
        Shape shape = Shape.of(dims);
        int count = (int) shape.elementCount();
        if (dtype == DType.STRING) {
            byte[][] strings = new byte[count][];
            for (int i = 0; i < count; i++) {
                strings[i] = new byte[] {(byte) i, 0, (byte) 0xff}; // not UTF-8, and with a zero
            }
            return Tensor.ofArray(dtype, strings, shape);
        }
        byte[] bytes = new byte[count * dtype.byteSize()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = switch (dtype) {
                case BOOL -> (byte) (i % 2);
                case INT4 -> (byte) (i % 16 - 8);
                case UINT4 -> (byte) (i % 16);
                default -> (byte) (i * 37 + 11); // both signs; no NaN at these lengths
            };
        }
        return Tensor.ofBuffer(dtype, ByteBuffer.wrap(bytes), shape);
    }

    static TensorProto.Builder proto(DType dtype, long... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long dim : dims) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(dim));
        }
        return TensorProto.newBuilder().setDtype(DataTypes.toWire(dtype)).setTensorShape(shape);
    }

    static TensorProto typed(Tensor tensor) {
        TensorProto.Builder proto = proto(tensor.dtype(), tensor.shape().dims());
        DType dtype = tensor.dtype();
        Object elements = tensor.elements();
        if (elements instanceof float[] floats) {
            for (float value : floats) {
                proto = dtype == DType.FLOAT32 ? proto.addFloatVal(value) : proto.addScomplexVal(value);
            }
        } else if (elements instanceof double[] doubles) {
            for (double value : doubles) {
                proto = dtype == DType.FLOAT64 ? proto.addDoubleVal(value) : proto.addDcomplexVal(value);
            }
        } else if (elements instanceof int[] ints) {
            for (int value : ints) {
                proto = dtype == DType.UINT32 ? proto.addUint32Val(value) : proto.addIntVal(value);
            }
        } else if (elements instanceof long[] longs) {
            for (long value : longs) {
                proto = dtype == DType.UINT64 ? proto.addUint64Val(value) : proto.addInt64Val(value);
            }
        } else if (elements instanceof boolean[] booleans) {
            for (boolean value : booleans) {
                proto.addBoolVal(value);
            }
        } else if (elements instanceof byte[][] strings) {
            for (byte[] value : strings) {
                proto.addStringVal(ByteString.copyFrom(value));
            }
        } else if (elements instanceof short[] shorts) {
            shorts(proto, dtype, shorts);
        } else {
            bytes(proto, dtype, (byte[]) elements);
        }
        return proto.build();
    }

    private static void shorts(TensorProto.Builder proto, DType dtype, short[] values) {
        for (short value : values) {
            switch (dtype) {
                case FLOAT16, BFLOAT16 -> proto.addHalfVal(Short.toUnsignedInt(value));
                case UINT16, QUINT16 -> proto.addIntVal(Short.toUnsignedInt(value));
                default -> proto.addIntVal(value);
            }
        }
    }

    private static void bytes(TensorProto.Builder proto, DType dtype, byte[] values) {
        if (dtype == DType.FLOAT8_E5M2 || dtype == DType.FLOAT8_E4M3FN) {
            proto.setFloat8Val(ByteString.copyFrom(values));
            return;
        }
        for (byte value : values) {
            boolean unsigned = dtype == DType.UINT8 || dtype == DType.QUINT8;
            proto.addIntVal(unsigned ? Byte.toUnsignedInt(value) : value);
        }
    }
}
