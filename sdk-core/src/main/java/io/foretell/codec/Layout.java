package io.foretell.codec;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors that one item becomes, without their elements: items of equal layout fit into one batch. */
record Layout(List<Part> parts) {
    static final Layout UNKNOWN = new Layout(List.of());

    /** @param shape without the axis of the items */
    record Part(String name, DType dtype, Shape shape) {}

    /** Of the tensors of one item. */
    static Layout of(Map<String, Tensor> item) {
        List<Part> parts = new ArrayList<>(item.size());
        item.forEach((name, tensor) -> parts.add(new Part(name, tensor.dtype(), tensor.shape())));
        return new Layout(List.copyOf(parts));
    }

    boolean isKnown() {
        return !parts.isEmpty();
    }

    /** The longest of some tensors, along their first axis. */
    int length(Set<String> names) {
        long longest = 0;
        for (Part part : parts) {
            if (names.contains(part.name)) {
                longest = Math.max(longest, length(part.name, part.shape));
            }
        }
        return Math.toIntExact(longest);
    }

    /** This layout, but for the lengths of some tensors along their first axis. */
    Layout withoutLength(Set<String> names) {
        List<Part> fixed = new ArrayList<>(parts.size());
        for (Part part : parts) {
            fixed.add(names.contains(part.name) ? new Part(part.name, part.dtype, part.shape.row()) : part);
        }
        return new Layout(List.copyOf(fixed));
    }

    static long length(String name, Shape shape) {
        if (shape.rank() == 0) {
            throw CodecFaults.encoding("'" + name + "' is one element an input and cannot be padded");
        }
        return shape.dim(0);
    }
}
