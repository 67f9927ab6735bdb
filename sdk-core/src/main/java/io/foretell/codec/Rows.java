package io.foretell.codec;

import io.foretell.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Between the items of a batch and named tensors that have them along their first axis. */
interface Rows<T> {
    Map<String, Tensor> write(List<T> items);

    /** Exactly {@code count} results. Tensors that are not asked for are ignored. */
    List<ItemResult<T>> read(Map<String, Tensor> tensors, int count);
}
