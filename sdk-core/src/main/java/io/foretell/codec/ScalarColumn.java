package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.util.Set;

/** One element an item: a tensor of rank 1 over the very array that holds the batch. */
final class ScalarColumn extends Column {
    private final Leaf leaf;

    ScalarColumn(String name, Leaf leaf) {
        super(name, leaf.javaType());
        this.leaf = leaf;
    }

    @Override
    Tensor write(Object values) {
        if (values instanceof String[] texts) {
            for (int i = 0; i < texts.length; i++) {
                if (texts[i] == null) {
                    throw missing(i);
                }
            }
        }
        return leaf.write(values, java.lang.reflect.Array.getLength(values));
    }

    @Override
    Layout.Part part(Object alone) {
        return new Layout.Part(name, leaf.written(), Shape.scalar());
    }

    @Override
    long textBytes(Object alone) {
        String text = ((String[]) alone)[0];
        if (text == null) {
            throw missing(0);
        }
        return Leaf.utf8Bytes(text);
    }

    @Override
    Set<DType> readable() {
        return leaf.read();
    }

    @Override
    int itemRank() {
        return 0;
    }

    @Override
    Object rows(Tensor tensor, int count) {
        return leaf.read(tensor);
    }
}
