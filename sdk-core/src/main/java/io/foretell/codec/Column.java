package io.foretell.codec;

import io.foretell.error.InferenceException;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.lang.reflect.Array;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One named tensor of a batch, and the Java type that one item has of it. The values of a batch travel through here as
 * an array of that type, one element an item, so that scalars are never boxed.
 */
abstract class Column {
    private static final String SUPPORTED =
            "float, double, int, long, short, byte, boolean, String, arrays of these, Tensor";

    final String name;
    final Class<?> type;

    Column(String name, Class<?> type) {
        this.name = name;
        this.type = type;
    }

    /**
     * The column of a type.
     *
     * @param owner what has this column, for the message
     * @throws IllegalArgumentException if the type is not supported
     */
    static Column of(String name, Class<?> type, String owner) {
        if (type == Tensor.class) {
            return new TensorColumn(name);
        }
        Class<?> element = type;
        int depth = 0;
        while (element.isArray()) {
            element = element.getComponentType();
            depth++;
        }
        Leaf leaf = Leaf.of(element);
        if (leaf == null) {
            throw new IllegalArgumentException("'" + name + "' of " + owner + " is of unsupported type "
                    + type.getTypeName() + "; supported: " + SUPPORTED);
        }
        return depth == 0 ? new ScalarColumn(name, leaf) : new ArrayColumn(name, type, leaf, depth);
    }

    /** An array for the values of a batch. */
    final Object allocate(int count) {
        return Array.newInstance(type, count);
    }

    /** The values of a batch as one tensor, items along the first axis. */
    abstract Tensor write(Object values);

    /** What the value of an item becomes, which is alone in an array. */
    abstract Layout.Part part(Object alone);

    /** How many bytes the value of an item takes in a tensor, which is alone in an array. */
    final long bytes(Object alone) {
        Layout.Part part = part(alone);
        return part.dtype() == DType.STRING
                ? textBytes(alone)
                : part.shape().elementCount() * part.dtype().byteSize();
    }

    /** The same of a column of texts. */
    abstract long textBytes(Object alone);

    /** The values of a batch; what {@link #write} takes. */
    final Object read(Map<String, Tensor> tensors, int count) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw CodecFaults.decoding("no output '" + name + "' among " + new Payload.Tensors(tensors));
        }
        Set<DType> readable = readable();
        if (readable != null && !readable.contains(tensor.dtype())) {
            throw misfit(tensor, type.getTypeName() + " is read from " + readable);
        }
        Shape shape = tensor.shape();
        if (shape.rank() == 0 || shape.dim(0) != count) {
            String found = shape.rank() == 0 ? "no rows" : shape.dim(0) + " rows";
            throw misfit(tensor, found + " for " + count + (count == 1 ? " input" : " inputs"));
        }
        if (itemRank() >= 0 && shape.rank() != itemRank() + 1) {
            throw misfit(
                    tensor,
                    "rows of rank " + (shape.rank() - 1) + " do not fit " + type.getTypeName() + ", which is of rank "
                            + itemRank());
        }
        return rows(tensor, count);
    }

    final InferenceException misfit(Tensor tensor, String reason) {
        return CodecFaults.decoding("output '" + name + "' is " + tensor + ": " + reason);
    }

    /** The dtypes that fit; null for all. */
    abstract @Nullable Set<DType> readable();

    /** The rank of one item; -1 for any. */
    abstract int itemRank();

    /** The rows of a tensor that has passed all checks. */
    abstract Object rows(Tensor tensor, int count);

    /** The tensors of all items as one, which copies nothing. */
    static Tensor stack(String name, List<Tensor> items) {
        Tensor first = items.get(0);
        for (int i = 1; i < items.size(); i++) {
            Tensor item = items.get(i);
            if (item.dtype() != first.dtype() || !item.shape().equals(first.shape())) {
                throw CodecFaults.encoding("'" + name + "' of input " + i + " is " + item + ", of input 0 it is "
                        + first + ": the inputs of one batch must agree");
            }
        }
        return Tensor.stack(items);
    }

    final InferenceException missing(int index) {
        return CodecFaults.encoding("'" + name + "' of input " + index + " is null or holds a null");
    }
}
