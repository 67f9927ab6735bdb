package io.foretell.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional value: a {@link DType}, a {@link Shape} and the elements in row-major order, over primitive arrays or
 * little-endian buffers. Nothing is boxed. Slicing, concatenating and reshaping share the elements; nothing is copied
 * until they are read.
 *
 * <p>Arrays and buffers handed in are not copied either: they must not change while the tensor, or anything made from
 * it, is in use. Under that condition a tensor is immutable and thread-safe. Unsigned and quantized integers, float16,
 * bfloat16 and the 8-bit floats are held as their bits in the signed array of the same width, complex numbers as pairs
 * of real and imaginary part, strings as bytes.
 */
public final class Tensor {
    private final DType dtype;
    private final Shape shape;
    private final Segments segments;

    private Tensor(DType dtype, Shape shape, Segments segments) {
        this.dtype = dtype;
        this.shape = shape;
        this.segments = segments;
    }

    /** A {@link DType#FLOAT32} tensor; without dimensions, a vector. */
    public static Tensor of(float[] values, long... dims) {
        return ofArray(DType.FLOAT32, values, shape(values.length, dims));
    }

    /** A {@link DType#FLOAT64} tensor; without dimensions, a vector. */
    public static Tensor of(double[] values, long... dims) {
        return ofArray(DType.FLOAT64, values, shape(values.length, dims));
    }

    /** An {@link DType#INT32} tensor; without dimensions, a vector. */
    public static Tensor of(int[] values, long... dims) {
        return ofArray(DType.INT32, values, shape(values.length, dims));
    }

    /** An {@link DType#INT64} tensor; without dimensions, a vector. */
    public static Tensor of(long[] values, long... dims) {
        return ofArray(DType.INT64, values, shape(values.length, dims));
    }

    /** An {@link DType#INT16} tensor; without dimensions, a vector. */
    public static Tensor of(short[] values, long... dims) {
        return ofArray(DType.INT16, values, shape(values.length, dims));
    }

    /** A {@link DType#UINT8} tensor, such as an image; without dimensions, a vector. */
    public static Tensor of(byte[] values, long... dims) {
        return ofArray(DType.UINT8, values, shape(values.length, dims));
    }

    /** A {@link DType#BOOL} tensor; without dimensions, a vector. */
    public static Tensor of(boolean[] values, long... dims) {
        return ofArray(DType.BOOL, values, shape(values.length, dims));
    }

    /** A {@link DType#STRING} tensor of bytes; without dimensions, a vector. */
    public static Tensor of(byte[][] values, long... dims) {
        return ofArray(DType.STRING, values, shape(values.length, dims));
    }

    /** A {@link DType#STRING} tensor of the texts' UTF-8 bytes; without dimensions, a vector. */
    public static Tensor of(String[] values, long... dims) {
        byte[][] bytes = new byte[values.length][];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
        }
        return of(bytes, dims);
    }

    /**
     * A tensor of any dtype over the array that holds it: {@code float[]} for FLOAT32 and COMPLEX64, {@code double[]} for
     * FLOAT64 and COMPLEX128, {@code short[]}, {@code int[]}, {@code long[]} or {@code byte[]} for the integers and small
     * floats of that width, {@code boolean[]} for BOOL, {@code byte[][]} for STRING.
     *
     * @throws IllegalArgumentException if the array is of another type, or does not fill the shape exactly
     */
    public static Tensor ofArray(DType dtype, Object array, Shape shape) {
        Storage storage = dtype.storage();
        if (!storage.arrayType().isInstance(array)) {
            throw new IllegalArgumentException(
                    dtype + " is held in " + storage.arrayType().getSimpleName() + ", not in "
                            + array.getClass().getSimpleName());
        }
        int slots = java.lang.reflect.Array.getLength(array);
        if (slots % dtype.slots() != 0 || slots / dtype.slots() != shape.elementCount()) {
            throw new IllegalArgumentException("array of " + slots + (dtype.slots() == 2 ? " halves" : "") + " for "
                    + dtype + " " + shape + ", which has " + shape.elementCount() + " elements");
        }
        return new Tensor(dtype, shape, Segments.of(new Segment(storage, array, 0, slots)));
    }

    /**
     * A tensor over the remaining bytes of a buffer, read as little-endian whatever the buffer's own order. Not for
     * {@link DType#STRING}.
     *
     * @throws IllegalArgumentException if the bytes do not fill the shape exactly
     */
    public static Tensor ofBuffer(DType dtype, ByteBuffer littleEndian, Shape shape) {
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("STRING elements have no fixed width: use of(byte[][], long...)");
        }
        int bytes = littleEndian.remaining();
        if (bytes % dtype.byteSize() != 0 || bytes / dtype.byteSize() != shape.elementCount()) {
            throw new IllegalArgumentException("buffer of " + bytes + " bytes for " + dtype + " " + shape
                    + ", which has " + shape.elementCount() + " elements of " + dtype.byteSize());
        }
        Storage storage = dtype.storage();
        return new Tensor(
                dtype, shape, Segments.of(new Segment(storage, littleEndian.slice(), 0, bytes / storage.slotBytes())));
    }

    /**
     * A {@link DType#FLOAT16} or {@link DType#BFLOAT16} tensor of the values rounded to nearest even; without dimensions,
     * a vector.
     *
     * @throws IllegalArgumentException for another dtype
     */
    public static Tensor rounded(DType dtype, float[] values, long... dims) {
        if (dtype != DType.FLOAT16 && dtype != DType.BFLOAT16) {
            throw new IllegalArgumentException("FLOAT16 or BFLOAT16 expected, not " + dtype);
        }
        short[] bits = new short[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = dtype == DType.FLOAT16 ? Float16.fromFloat(values[i]) : Float16.bfloatFromFloat(values[i]);
        }
        return ofArray(dtype, bits, shape(bits.length, dims));
    }

    private static Shape shape(int length, long[] dims) {
        return dims.length == 0 ? Shape.of(length) : Shape.of(dims);
    }

    /**
     * The tensors joined along their first axis, without copying.
     *
     * @throws IllegalArgumentException if there is none, one is a scalar, or dtypes or row shapes differ
     */
    public static Tensor concat(List<Tensor> tensors) {
        Tensor first = first(tensors);
        long rows = 0;
        for (Tensor tensor : tensors) {
            if (tensor.shape.rank() == 0) {
                throw new IllegalArgumentException("a scalar cannot be concatenated: stack it");
            }
            if (!tensor.shape.row().equals(first.shape.row())) {
                throw new IllegalArgumentException("rows of " + tensor + " and " + first + " differ in shape");
            }
            rows = Math.addExact(rows, tensor.shape.dim(0));
        }
        return join(tensors, first.shape.row().prepend(rows));
    }

    /**
     * The tensors as the rows of a new first axis, without copying.
     *
     * @throws IllegalArgumentException if there is none, or dtypes or shapes differ
     */
    public static Tensor stack(List<Tensor> tensors) {
        Tensor first = first(tensors);
        for (Tensor tensor : tensors) {
            if (!tensor.shape.equals(first.shape)) {
                throw new IllegalArgumentException(tensor + " and " + first + " differ in shape");
            }
        }
        return join(tensors, first.shape.prepend(tensors.size()));
    }

    private static Tensor first(List<Tensor> tensors) {
        if (tensors.isEmpty()) {
            throw new IllegalArgumentException("no tensors to join");
        }
        return tensors.get(0);
    }

    private static Tensor join(List<Tensor> tensors, Shape shape) {
        DType dtype = tensors.get(0).dtype;
        List<Segments> parts = new ArrayList<>(tensors.size());
        for (Tensor tensor : tensors) {
            if (tensor.dtype != dtype) {
                throw new IllegalArgumentException(tensor + " is not of dtype " + dtype);
            }
            parts.add(tensor.segments);
        }
        return new Tensor(dtype, shape, Segments.joined(parts));
    }

    /** The type of the elements. */
    public DType dtype() {
        return dtype;
    }

    /** The dimensions. */
    public Shape shape() {
        return shape;
    }

    /**
     * The bytes of all elements in a buffer.
     *
     * @throws IllegalStateException for {@link DType#STRING}
     */
    public long byteLength() {
        requireFixedWidth();
        return shape.elementCount() * dtype.byteSize();
    }

    /**
     * Rows {@code from} (inclusive) to {@code to} (exclusive) of the first axis, without copying.
     *
     * @throws IllegalStateException if this is a scalar
     * @throws IndexOutOfBoundsException if the rows are not within this tensor
     */
    public Tensor slice(long from, long to) {
        Shape row = shape.row();
        if (from < 0 || from > to || to > shape.dim(0)) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + this);
        }
        long rowSlots = row.elementCount() * dtype.slots();
        return new Tensor(dtype, row.prepend(to - from), segments.cut(from * rowSlots, (to - from) * rowSlots));
    }

    /**
     * One row of the first axis, without that axis and without copying.
     *
     * @throws IllegalStateException if this is a scalar
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public Tensor row(long index) {
        Tensor slice = slice(index, index + 1);
        return new Tensor(dtype, shape.row(), slice.segments);
    }

    /**
     * The same elements in another shape.
     *
     * @throws IllegalArgumentException if the element counts differ
     */
    public Tensor reshape(long... dims) {
        Shape target = Shape.of(dims);
        if (target.elementCount() != shape.elementCount()) {
            throw new IllegalArgumentException(
                    this + " has " + shape.elementCount() + " elements, " + target + " has " + target.elementCount());
        }
        return new Tensor(dtype, target, segments);
    }

    /**
     * The elements as floats: those of FLOAT32 and COMPLEX64 (two for each) as they are, those of FLOAT16 and BFLOAT16
     * widened. Like every such accessor, it hands out the tensor's own array where it is one whole array.
     *
     * @throws IllegalStateException for another dtype
     */
    public float[] floats() {
        if (dtype == DType.FLOAT16 || dtype == DType.BFLOAT16) {
            short[] bits = (short[]) elements();
            float[] values = new float[bits.length];
            for (int i = 0; i < bits.length; i++) {
                values[i] = dtype == DType.FLOAT16 ? Float16.toFloat(bits[i]) : Float16.bfloatToFloat(bits[i]);
            }
            return values;
        }
        return (float[]) elements(Storage.FLOATS);
    }

    /**
     * The elements of FLOAT64 or COMPLEX128 (two for each).
     *
     * @throws IllegalStateException for another dtype
     */
    public double[] doubles() {
        return (double[]) elements(Storage.DOUBLES);
    }

    /**
     * The elements of a 32-bit integer dtype, unsigned ones as their bits.
     *
     * @throws IllegalStateException for another dtype
     */
    public int[] ints() {
        return (int[]) elements(Storage.INTS);
    }

    /**
     * The elements of a 64-bit integer dtype, unsigned ones as their bits.
     *
     * @throws IllegalStateException for another dtype
     */
    public long[] longs() {
        return (long[]) elements(Storage.LONGS);
    }

    /**
     * The elements of a 16-bit dtype, unsigned integers and floats as their bits.
     *
     * @throws IllegalStateException for another dtype
     */
    public short[] shorts() {
        return (short[]) elements(Storage.SHORTS);
    }

    /**
     * The elements of an 8-bit or 4-bit dtype, one a byte.
     *
     * @throws IllegalStateException for another dtype
     */
    public byte[] bytes() {
        return (byte[]) elements(Storage.BYTES);
    }

    /**
     * The elements of BOOL.
     *
     * @throws IllegalStateException for another dtype
     */
    public boolean[] booleans() {
        return (boolean[]) elements(Storage.BOOLEANS);
    }

    /**
     * The elements of STRING, as bytes.
     *
     * @throws IllegalStateException for another dtype
     */
    public byte[][] byteStrings() {
        return (byte[][]) elements(Storage.STRINGS);
    }

    /**
     * The elements of STRING read as UTF-8, malformed bytes replaced.
     *
     * @throws IllegalStateException for another dtype
     */
    public String[] strings() {
        byte[][] bytes = byteStrings();
        String[] texts = new String[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            texts[i] = new String(bytes[i], StandardCharsets.UTF_8);
        }
        return texts;
    }

    /** The elements in an array of the type that {@link #ofArray} takes for this dtype. */
    public Object elements() {
        if (segments.slots() > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(this + " does not fit one array: slice it");
        }
        return segments.array();
    }

    private Object elements(Storage wanted) {
        if (dtype.storage() != wanted) {
            throw new IllegalStateException(
                    this + " does not hold " + wanted.name().toLowerCase(java.util.Locale.ROOT));
        }
        return elements();
    }

    /**
     * Writes {@code count} elements, starting with element {@code from} in row-major order, as little-endian bytes at the
     * target's position, which moves. The target's own byte order is left as it is.
     *
     * @throws IllegalStateException for {@link DType#STRING}
     * @throws IndexOutOfBoundsException if the elements are not within this tensor
     * @throws java.nio.BufferOverflowException if the target has no room for them
     */
    public void copyTo(ByteBuffer target, long from, int count) {
        requireFixedWidth();
        if (from < 0 || count < 0 || from > shape.elementCount() - count) {
            throw new IndexOutOfBoundsException(count + " elements from " + from + " of " + this);
        }
        if (target.remaining() < (long) count * dtype.byteSize()) {
            throw new java.nio.BufferOverflowException();
        }
        segments.cut(from * dtype.slots(), (long) count * dtype.slots()).copyTo(target);
    }

    private void requireFixedWidth() {
        if (dtype == DType.STRING) {
            throw new IllegalStateException("STRING elements have no fixed width: use byteStrings()");
        }
    }

    /** Equal dtype, shape and elements; floats are equal where their bits are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Tensor that
                        && dtype == that.dtype
                        && shape.equals(that.shape)
                        && segments.sameContent(that.segments);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * dtype.name().hashCode() + shape.hashCode()) + segments.contentHash();
    }

    /** The dtype and the shape, never the data: {@code FLOAT32 [1, 128]}. */
    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
