package io.foretell.testing;

import io.foretell.tensor.DType;
import java.util.List;

/**
 * What a model says of an input or output.
 *
 * @param dims the dimensions, outermost first; -1 where any size will do
 */
public record TensorSpec(DType dtype, List<Long> dims) {
    public TensorSpec {
        dims = List.copyOf(dims);
    }

    /** A spec of the given dimensions; -1 where any size will do. */
    public static TensorSpec of(DType dtype, long... dims) {
        return new TensorSpec(dtype, java.util.Arrays.stream(dims).boxed().toList());
    }
}
