package io.foretell.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorProto;
import org.tensorflow.framework.TensorShapeProto;

/** Writes tensors with the upstream generated classes, in each of the forms that the wire knows. */
final class UpstreamTensors {
    private UpstreamTensors() {}

    /** Numbers as their little-endian bytes, strings as values of a field: how we are to write them too. */
    static TensorProto compact(Tensor tensor) {
        return tensor.dtype() == DType.STRING
                ? typed(tensor)
                : header(tensor)
                        .setTensorContent(UnsafeByteOperations.unsafeWrap(SampleTensors.content(tensor)))
                        .build();
    }

    /** Each value in the field of its dtype. */
    static TensorProto typed(Tensor tensor) {
        TensorProto.Builder proto = header(tensor);
        addValues(proto, tensor);
        return proto.build();
    }

    /** As {@link #typed}, but a tag before each number, as writers before proto3 do. */
    static TensorProto unpacked(Tensor tensor) {
        TensorProto typed = typed(tensor);
        UnknownFieldSet.Builder loose = UnknownFieldSet.newBuilder();
        for (Map.Entry<FieldDescriptor, Object> field : typed.getAllFields().entrySet()) {
            if (field.getKey().isPacked()) {
                loose.addField(field.getKey().getNumber(), loose((List<?>) field.getValue()));
            }
        }
        TensorProto.Builder proto =
                header(tensor).addAllStringVal(typed.getStringValList()).setFloat8Val(typed.getFloat8Val());
        return proto.setUnknownFields(loose.build()).build();
    }

    /** Strings as all their lengths, then all their bytes. */
    static TensorProto stringsAsContent(Tensor strings) {
        ByteString.Output content = ByteString.newOutput();
        try {
            CodedOutputStream lengths = CodedOutputStream.newInstance(content);
            for (byte[] value : strings.byteStrings()) {
                lengths.writeUInt32NoTag(value.length);
            }
            lengths.flush();
            for (byte[] value : strings.byteStrings()) {
                content.write(value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return header(strings).setTensorContent(content.toByteString()).build();
    }

    /** The values of one tensor, too few of them, in the shape of another. */
    static TensorProto filling(Tensor values, Shape shape) {
        return typed(values).toBuilder().setTensorShape(shape(shape)).build();
    }

    static DataType dataType(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> DataType.DT_HALF;
            case FLOAT32 -> DataType.DT_FLOAT;
            case FLOAT64 -> DataType.DT_DOUBLE;
            default -> DataType.valueOf("DT_" + dtype);
        };
    }

    private static TensorProto.Builder header(Tensor tensor) {
        return TensorProto.newBuilder().setDtype(dataType(tensor.dtype())).setTensorShape(shape(tensor.shape()));
    }

    private static TensorShapeProto shape(Shape shape) {
        TensorShapeProto.Builder proto = TensorShapeProto.newBuilder();
        for (long dim : shape.dims()) {
            proto.addDimBuilder().setSize(dim);
        }
        return proto.build();
    }

    private static void addValues(TensorProto.Builder proto, Tensor tensor) {
        Object elements = tensor.elements();
        if (elements instanceof float[] floats) {
            for (float value : floats) {
                if (tensor.dtype() == DType.FLOAT32) {
                    proto.addFloatVal(value);
                } else {
                    proto.addScomplexVal(value);
                }
            }
        } else if (elements instanceof double[] doubles) {
            for (double value : doubles) {
                if (tensor.dtype() == DType.FLOAT64) {
                    proto.addDoubleVal(value);
                } else {
                    proto.addDcomplexVal(value);
                }
            }
        } else if (elements instanceof boolean[] booleans) {
            for (boolean value : booleans) {
                proto.addBoolVal(value);
            }
        } else if (elements instanceof byte[][] strings) {
            for (byte[] value : strings) {
                proto.addStringVal(ByteString.copyFrom(value));
            }
        } else {
            addIntegers(proto, tensor);
        }
    }

    private static void addIntegers(TensorProto.Builder proto, Tensor tensor) {
        switch (tensor.dtype()) {
            case FLOAT16, BFLOAT16 -> {
                for (short value : tensor.shorts()) {
                    proto.addHalfVal(Short.toUnsignedInt(value));
                }
            }
            case UINT16, QUINT16 -> {
                for (short value : tensor.shorts()) {
                    proto.addIntVal(Short.toUnsignedInt(value));
                }
            }
            case INT16, QINT16 -> {
                for (short value : tensor.shorts()) {
                    proto.addIntVal(value);
                }
            }
            case UINT8, QUINT8 -> {
                for (byte value : tensor.bytes()) {
                    proto.addIntVal(Byte.toUnsignedInt(value));
                }
            }
            case INT8, QINT8, INT4, UINT4 -> {
                for (byte value : tensor.bytes()) {
                    proto.addIntVal(value);
                }
            }
            case FLOAT8_E5M2, FLOAT8_E4M3FN -> proto.setFloat8Val(ByteString.copyFrom(tensor.bytes()));
            case INT32, QINT32 -> {
                for (int value : tensor.ints()) {
                    proto.addIntVal(value);
                }
            }
            case UINT32 -> {
                for (int value : tensor.ints()) {
                    proto.addUint32Val(value);
                }
            }
            case INT64 -> {
                for (long value : tensor.longs()) {
                    proto.addInt64Val(value);
                }
            }
            case UINT64 -> {
                for (long value : tensor.longs()) {
                    proto.addUint64Val(value);
                }
            }
            default -> throw new AssertionError(tensor);
        }
    }

    private static UnknownFieldSet.Field loose(List<?> values) {
        UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
        for (Object value : values) {
            if (value instanceof Float number) {
                field.addFixed32(Float.floatToRawIntBits(number));
            } else if (value instanceof Double number) {
                field.addFixed64(Double.doubleToRawLongBits(number));
            } else if (value instanceof Boolean bit) {
                field.addVarint(bit ? 1 : 0);
            } else {
                field.addVarint(((Number) value).longValue());
            }
        }
        return field.build();
    }
}
