package io.foretell.codec;

import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;

/**
 * Another codec with {@link Padding}. Each input is encoded alone, and what comes out is padded and joined, which copies
 * none of its elements.
 */
final class PaddedCodec<I, O> implements Codec<I, O> {
    private final Codec<I, O> codec;
    private final Padding padding;
    private final Set<String> ragged;

    PaddedCodec(Codec<I, O> codec, Padding padding) {
        if (codec.payload() != Payload.Kind.TENSORS || !codec.batches()) {
            throw new IllegalArgumentException("a codec of tensors that batches expected, not " + codec);
        }
        this.codec = codec;
        this.padding = padding;
        this.ragged = padding.inputs().keySet();
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.TENSORS;
    }

    @Override
    public Payload encode(List<I> inputs) {
        if (inputs.isEmpty()) {
            throw CodecFaults.encoding("0 inputs, at least 1 expected");
        }
        int rows = padding.rowsFor(inputs.size());
        List<Map<String, Tensor>> items = new ArrayList<>(inputs.size());
        for (I input : inputs) {
            items.add(alone(input));
        }
        Map<String, Tensor> batch = new LinkedHashMap<>();
        for (String name : items.get(0).keySet()) {
            List<Tensor> column = column(name, items);
            List<Tensor> even = ragged.contains(name) ? padded(name, column) : column;
            batch.put(name, Column.stack(name, filled(even, rows)));
        }
        return new Payload.Tensors(batch);
    }

    /** The tensors of one input, without the axis of the inputs. */
    private Map<String, Tensor> alone(I input) {
        if (!(codec.encode(Collections.singletonList(input)) instanceof Payload.Tensors payload)) {
            throw CodecFaults.encoding(codec + " did not write tensors");
        }
        Map<String, Tensor> item = new LinkedHashMap<>();
        payload.tensors().forEach((name, tensor) -> {
            if (!hasRows(tensor, 1)) {
                throw CodecFaults.encoding("'" + name + "' of one input is " + tensor + ": 1 row expected");
            }
            item.put(name, tensor.row(0));
        });
        if (!item.keySet().containsAll(ragged)) {
            throw CodecFaults.encoding("padding of " + ragged + " where there is " + item);
        }
        return item;
    }

    private static List<Tensor> column(String name, List<Map<String, Tensor>> items) {
        List<Tensor> column = new ArrayList<>(items.size());
        for (Map<String, Tensor> item : items) {
            Tensor tensor = item.get(name);
            if (tensor == null || item.size() != items.get(0).size()) {
                throw CodecFaults.encoding("the inputs of one batch must agree, but input " + column.size() + " is "
                        + item + ", input 0 " + items.get(0));
            }
            column.add(tensor);
        }
        return column;
    }

    /** The tensors at one length. */
    private List<Tensor> padded(String name, List<Tensor> tensors) {
        LongSummaryStatistics lengths = tensors.stream()
                .mapToLong(tensor -> Layout.length(name, tensor.shape()))
                .summaryStatistics();
        int length = padding.lengthFor(lengths.getMax());
        Tensor first = tensors.get(0);
        Shape gap = first.shape().row().prepend(length - lengths.getMin());
        Tensor fill = Fill.of(name, first.dtype(), gap, padding.value(name));
        return tensors.stream().map(tensor -> padded(tensor, length, fill)).toList();
    }

    /** What differs in more than length stays as it is: it is refused when it is stacked. */
    private static Tensor padded(Tensor tensor, int length, Tensor fill) {
        long missing = length - tensor.shape().dim(0);
        boolean fits = tensor.dtype() == fill.dtype()
                && tensor.shape().row().equals(fill.shape().row());
        return missing == 0 || !fits ? tensor : Tensor.concat(List.of(tensor, fill.slice(0, missing)));
    }

    /** The first once more for each missing row: it is as good an input as any, and no data is copied. */
    private static <T> List<T> filled(List<T> items, int rows) {
        if (items.size() == rows) {
            return items;
        }
        List<T> filled = new ArrayList<>(items);
        filled.addAll(Collections.nCopies(rows - items.size(), items.get(0)));
        return filled;
    }

    @Override
    public List<ItemResult<O>> decode(Payload payload, int count) {
        if (!padding.cutOutputs().isEmpty()) {
            throw new IllegalStateException("outputs " + padding.cutOutputs() + " are cut by the lengths of the inputs,"
                    + " which were not given");
        }
        int rows = padding.rowsFor(count);
        return stripped(codec.decode(payload, rows), rows, count);
    }

    @Override
    public List<ItemResult<O>> decode(Payload payload, List<I> inputs) {
        int rows = padding.rowsFor(inputs.size());
        if (padding.cutOutputs().isEmpty()) {
            return stripped(codec.decode(payload, filled(inputs, rows)), rows, inputs.size());
        }
        if (!(payload instanceof Payload.Tensors answer)) {
            throw CodecFaults.decoding("tensors expected, not " + payload);
        }
        List<ItemResult<O>> results = new ArrayList<>(inputs.size());
        for (I input : inputs) {
            Payload row = row(answer.tensors(), results.size(), rows, length(input));
            results.addAll(stripped(codec.decode(row, Collections.singletonList(input)), 1, 1));
        }
        return results;
    }

    private List<ItemResult<O>> stripped(List<ItemResult<O>> results, int rows, int count) {
        if (results.size() != rows) {
            throw CodecFaults.decoding(results.size() + " results for " + count + " inputs, sent as " + rows);
        }
        return results.subList(0, count);
    }

    /** One row of an answer as an answer of its own. Tensors without such rows have no part in it. */
    private Payload row(Map<String, Tensor> tensors, int index, int rows, int length) {
        Map<String, Tensor> row = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (padding.cutOutputs().contains(name)) {
                row.put(name, cut(name, tensor, index, rows, length));
            } else if (hasRows(tensor, rows)) {
                row.put(name, tensor.slice(index, index + 1));
            }
        });
        return new Payload.Tensors(row);
    }

    private static Tensor cut(String name, Tensor tensor, int index, int rows, int length) {
        if (!hasRows(tensor, rows)
                || tensor.shape().rank() < 2
                || tensor.shape().dim(1) < length) {
            throw CodecFaults.decoding("output '" + name + "' is " + tensor + ", not " + rows + " rows of at least "
                    + length + ", the length of input " + index);
        }
        return Tensor.stack(List.of(tensor.row(index).slice(0, length)));
    }

    private static boolean hasRows(Tensor tensor, int rows) {
        return tensor.shape().rank() > 0 && tensor.shape().dim(0) == rows;
    }

    /** Without padding. */
    @Override
    public long sizeOf(I input) {
        return codec.sizeOf(input);
    }

    @Override
    public Object batchKey(I input) {
        Object key = codec.batchKey(input);
        Layout layout = layout(key, input);
        padding.lengthFor(layout.length(ragged)); // one that is too long must not spoil a batch
        Layout fixed = layout.withoutLength(ragged);
        return key instanceof Layout ? fixed : List.of(key, fixed);
    }

    @Override
    public int length(I input) {
        return layout(codec.batchKey(input), input).length(ragged);
    }

    /** A codec that cannot tell what an input becomes without encoding it has to do that once more. */
    private Layout layout(Object key, I input) {
        return key instanceof Layout layout && layout.isKnown() ? layout : Layout.of(alone(input));
    }

    @Override
    public String toString() {
        return codec + ", " + padding;
    }
}
