package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The Java types of single elements, each with the dtype it is written as and those it is read from. */
enum Leaf {
    FLOAT(float.class, DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16),
    DOUBLE(double.class, DType.FLOAT64),
    INT(int.class, DType.INT32, DType.UINT32),
    LONG(long.class, DType.INT64, DType.UINT64),
    SHORT(short.class, DType.INT16, DType.UINT16),
    BYTE(byte.class, DType.UINT8, DType.INT8),
    BOOLEAN(boolean.class, DType.BOOL),
    TEXT(String.class, DType.STRING);

    private final Class<?> javaType;
    private final DType written;
    private final Set<DType> read;

    Leaf(Class<?> javaType, DType written, DType... alsoRead) {
        this.javaType = javaType;
        this.written = written;
        this.read = EnumSet.of(written, alsoRead);
    }

    /** The leaf of a type; null where it is none. */
    static @Nullable Leaf of(Class<?> javaType) {
        for (Leaf leaf : values()) {
            if (leaf.javaType == javaType) {
                return leaf;
            }
        }
        return null;
    }

    Class<?> javaType() {
        return javaType;
    }

    DType written() {
        return written;
    }

    Set<DType> read() {
        return read;
    }

    /** How many bytes a text has in UTF-8, where half a surrogate pair becomes a question mark. */
    static long utf8Bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                bytes += 4;
                i++;
            } else {
                bytes++;
            }
        }
        return bytes;
    }

    /** A tensor over a flat array of this type; texts become their UTF-8 bytes. */
    Tensor write(Object flat, long... dims) {
        return this == TEXT ? Tensor.of((String[]) flat, dims) : Tensor.ofArray(written, flat, Shape.of(dims));
    }

    /** The elements in a flat array of this type. */
    Object read(Tensor tensor) {
        return switch (this) {
            case FLOAT -> tensor.floats();
            case TEXT -> tensor.strings();
            default -> tensor.elements();
        };
    }
}
