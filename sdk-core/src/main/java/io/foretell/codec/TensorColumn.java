package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A tensor of any dtype and shape an item. */
final class TensorColumn extends Column {
    TensorColumn(String name) {
        super(name, Tensor.class);
    }

    @Override
    Tensor write(Object values) {
        Tensor[] tensors = (Tensor[]) values;
        for (int i = 0; i < tensors.length; i++) {
            present(tensors, i);
        }
        return stack(name, Arrays.asList(tensors));
    }

    private Tensor present(Object values, int index) {
        Tensor tensor = ((Tensor[]) values)[index];
        if (tensor == null) {
            throw missing(index);
        }
        return tensor;
    }

    @Override
    Layout.Part part(Object alone) {
        Tensor tensor = present(alone, 0);
        return new Layout.Part(name, tensor.dtype(), tensor.shape());
    }

    @Override
    long textBytes(Object alone) {
        long bytes = 0;
        for (byte[] text : present(alone, 0).byteStrings()) {
            bytes += text.length;
        }
        return bytes;
    }

    @Override
    @Nullable
    Set<DType> readable() {
        return null;
    }

    @Override
    int itemRank() {
        return -1;
    }

    @Override
    Object rows(Tensor tensor, int count) {
        Tensor[] rows = new Tensor[count];
        for (int i = 0; i < count; i++) {
            rows[i] = tensor.row(i);
        }
        return rows;
    }
}
