package io.foretell.codec;

import io.foretell.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** From named tensors that have the items of a batch along their first axis to the items. */
@FunctionalInterface
interface RowReader<T> {
    /** Exactly {@code count} results. Tensors that are not asked for are ignored. */
    List<ItemResult<T>> read(Map<String, Tensor> tensors, int count);
}
