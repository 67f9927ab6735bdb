package io.foretell.tensor;

import java.util.Arrays;

/**
 * The dimensions of a tensor, outermost first. Immutable. Each dimension is zero or more; a scalar has rank 0 and one
 * element. The product of the dimensions fits a {@code long}, checked on creation.
 */
public final class Shape {
    private static final Shape SCALAR = new Shape(new long[0], 1);

    private final long[] dims;
    private final long elementCount;

    private Shape(long[] dims, long elementCount) {
        this.dims = dims;
        this.elementCount = elementCount;
    }

    /**
     * A shape of the given dimensions; none make a scalar.
     *
     * @throws IllegalArgumentException if a dimension is negative or their product exceeds {@link Long#MAX_VALUE}
     */
    public static Shape of(long... dims) {
        return dims.length == 0 ? SCALAR : checked(dims.clone());
    }

    private static Shape checked(long[] dims) {
        long product = 1;
        boolean empty = false;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] < 0) {
                throw new IllegalArgumentException("dimension " + i + " < 0 in shape " + Arrays.toString(dims));
            }
            empty |= dims[i] == 0;
        }
        for (int i = 0; i < dims.length && !empty; i++) {
            long high = Math.multiplyHigh(product, dims[i]);
            product *= dims[i];
            if (high != 0 || product < 0) {
                throw new IllegalArgumentException(
                        "element count exceeds " + Long.MAX_VALUE + " in shape " + Arrays.toString(dims));
            }
        }
        return new Shape(dims, empty ? 0 : product);
    }

    /** The shape without dimensions, of one element. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** The number of dimensions. */
    public int rank() {
        return dims.length;
    }

    /**
     * The size of one dimension.
     *
     * @throws IndexOutOfBoundsException if {@code axis} is not in {@code [0, rank)}
     */
    public long dim(int axis) {
        if (axis < 0 || axis >= dims.length) {
            throw new IndexOutOfBoundsException("axis " + axis + " of shape " + this);
        }
        return dims[axis];
    }

    /** The dimensions, in a new array. */
    public long[] dims() {
        return dims.clone();
    }

    /** The product of the dimensions; 1 for a scalar. */
    public long elementCount() {
        return elementCount;
    }

    /**
     * This shape within a batch: {@code [n, dims...]}.
     *
     * @throws IllegalArgumentException if {@code n} is negative or the element count overflows
     */
    public Shape prepend(long n) {
        long[] grown = new long[dims.length + 1];
        grown[0] = n;
        System.arraycopy(dims, 0, grown, 1, dims.length);
        return checked(grown);
    }

    /**
     * The shape of one row: this shape without its first dimension.
     *
     * @throws IllegalStateException if this is a scalar
     * @throws IllegalArgumentException if the element count of a row overflows, as it can where there are no rows
     */
    public Shape row() {
        if (dims.length == 0) {
            throw new IllegalStateException("a scalar has no rows");
        }
        return of(Arrays.copyOfRange(dims, 1, dims.length));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that && Arrays.equals(dims, that.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** The dimensions in brackets, such as {@code [1, 128]}; {@code []} for a scalar. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
