package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** An array an item. A flat one is used as it is; a nested one is copied once, into or out of a flat one. */
final class ArrayColumn extends Column {
    /** Arrays without elements cost memory that no byte of the answer paid for. */
    private static final int MOST_EMPTY_ARRAYS = 1 << 16;

    private final Leaf leaf;
    private final int depth;

    ArrayColumn(String name, Class<?> type, Leaf leaf, int depth) {
        super(name, type);
        this.leaf = leaf;
        this.depth = depth;
    }

    @Override
    Tensor write(Object values) {
        Object[] items = (Object[]) values;
        List<Tensor> tensors = new ArrayList<>(items.length);
        for (int i = 0; i < items.length; i++) {
            tensors.add(flatten(items[i], i));
        }
        return stack(name, tensors);
    }

    @Override
    Layout.Part part(Object alone) {
        return new Layout.Part(name, leaf.written(), Shape.of(dims(((Object[]) alone)[0], 0)));
    }

    @Override
    long textBytes(Object alone) {
        long bytes = 0;
        for (Object value : (Object[]) alone) {
            if (value == null) {
                throw missing(0);
            }
            bytes += value instanceof String text ? Leaf.utf8Bytes(text) : textBytes(value);
        }
        return bytes;
    }

    private Tensor flatten(Object item, int index) {
        long[] dims = dims(item, index);
        long count = 1;
        for (long dim : dims) {
            count = Math.multiplyExact(count, dim);
        }
        Object flat = depth == 1 ? item : Array.newInstance(leaf.javaType(), Math.toIntExact(count));
        fill(flat, 0, item, dims, 0, index);
        return leaf.write(flat, dims);
    }

    /** The lengths along the first path; {@link #fill} finds the paths that differ. */
    private long[] dims(Object item, int index) {
        long[] dims = new long[depth];
        Object array = item;
        for (int axis = 0; axis < depth; axis++) {
            if (array == null) {
                throw missing(index);
            }
            dims[axis] = Array.getLength(array);
            if (dims[axis] == 0) {
                break;
            }
            if (axis < depth - 1) {
                array = ((Object[]) array)[0];
            }
        }
        return dims;
    }

    /** Copies an array into a flat one, unless it is that, and checks it on the way. */
    private int fill(Object flat, int offset, Object array, long[] dims, int axis, int index) {
        if (array == null) {
            throw missing(index);
        }
        int length = Array.getLength(array);
        if (length != dims[axis]) {
            throw CodecFaults.encoding("'" + name + "' of input " + index + " is ragged: beside arrays of shape "
                    + Arrays.toString(dims) + " there is one of length " + length + " at depth " + axis);
        }
        if (axis < depth - 1) {
            int end = offset;
            for (Object nested : (Object[]) array) {
                end = fill(flat, end, nested, dims, axis + 1, index);
            }
            return end;
        }
        if (array instanceof String[] texts && Arrays.asList(texts).contains(null)) {
            throw missing(index);
        }
        if (flat != array) {
            System.arraycopy(array, 0, flat, offset, length);
        }
        return offset + length;
    }

    @Override
    Set<DType> readable() {
        return leaf.read();
    }

    @Override
    int itemRank() {
        return depth;
    }

    @Override
    Object rows(Tensor tensor, int count) {
        refuseEmptyArraysWithoutEnd(tensor);
        Object[] items = (Object[]) allocate(count);
        for (int i = 0; i < count; i++) {
            Tensor row = tensor.row(i);
            Object flat = leaf.read(row);
            items[i] = depth == 1
                    ? flat
                    : nest(flat, 0, Array.getLength(flat), row.shape().dims(), 0, type);
        }
        return items;
    }

    private void refuseEmptyArraysWithoutEnd(Tensor tensor) {
        double arrays = 1;
        for (int axis = 0; axis < depth; axis++) {
            arrays *= tensor.shape().dim(axis);
            if (arrays > tensor.shape().elementCount() + (double) MOST_EMPTY_ARRAYS) {
                throw misfit(tensor, "too many empty arrays");
            }
        }
    }

    /** The array of one depth, from {@code available} elements of the flat one. */
    private static Object nest(Object flat, int offset, int available, long[] dims, int axis, Class<?> type) {
        Class<?> element = type.getComponentType();
        Object array = Array.newInstance(element, Math.toIntExact(dims[axis]));
        int length = Array.getLength(array);
        if (axis == dims.length - 1) {
            System.arraycopy(flat, offset, array, 0, length);
            return array;
        }
        Object[] nested = (Object[]) array;
        int step = length == 0 ? 0 : available / length;
        for (int i = 0; i < length; i++) {
            nested[i] = nest(flat, offset + i * step, step, dims, axis + 1, element);
        }
        return array;
    }
}
