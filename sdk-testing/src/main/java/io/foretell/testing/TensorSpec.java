package io.foretell.testing;

import io.foretell.tensor.DType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of an input or output.
 *
 * @param dims the dimensions, outermost first, -1 where any size will do; null where any rank will do
 */
public record TensorSpec(DType dtype, @Nullable List<Long> dims) {
    public TensorSpec {
        dims = dims == null ? null : List.copyOf(dims);
    }

    /** A spec of the given dimensions; -1 where any size will do. */
    public static TensorSpec of(DType dtype, long... dims) {
        return new TensorSpec(dtype, Arrays.stream(dims).boxed().toList());
    }

    /** A spec that leaves rank and dimensions open. */
    public static TensorSpec anyShape(DType dtype) {
        return new TensorSpec(dtype, null);
    }
}
