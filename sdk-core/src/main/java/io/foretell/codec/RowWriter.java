package io.foretell.codec;

import io.foretell.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** From the items of a batch to named tensors that have them along their first axis. */
@FunctionalInterface
interface RowWriter<T> {
    Map<String, Tensor> write(List<T> items);

    /** What an item becomes, if that can be told without writing it. */
    default Layout layout(T item) {
        return Layout.UNKNOWN;
    }

    /** How many bytes an item adds to the tensors; 0 for unknown. */
    default long bytes(T item) {
        return 0;
    }
}
