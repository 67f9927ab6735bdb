package io.foretell.codec;

import io.foretell.transport.Payload;
import java.util.List;

/** A way to write inputs and one to read outputs as a codec, with what every codec of tensors checks. */
final class TensorCodec<I, O> implements Codec<I, O> {
    private final RowWriter<I> inputs;
    private final RowReader<O> outputs;
    private final boolean batches;
    private final String description;

    TensorCodec(RowWriter<I> inputs, RowReader<O> outputs, boolean batches, String description) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.batches = batches;
        this.description = description;
    }

    static <I, O> TensorCodec<I, O> of(RowWriter<I> inputs, RowReader<O> outputs) {
        return new TensorCodec<>(inputs, outputs, true, inputs + " -> " + outputs);
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.TENSORS;
    }

    @Override
    public Payload encode(List<I> items) {
        if (items.isEmpty() || items.size() > 1 && !batches) {
            throw CodecFaults.encoding(items.size() + " inputs, " + (batches ? "at least" : "exactly") + " 1 expected");
        }
        return new Payload.Tensors(inputs.write(items));
    }

    @Override
    public List<ItemResult<O>> decode(Payload payload, int count) {
        if (!(payload instanceof Payload.Tensors answer)) {
            throw CodecFaults.decoding("tensors expected, not " + payload);
        }
        List<ItemResult<O>> results = outputs.read(answer.tensors(), count);
        if (results.size() != count) {
            throw CodecFaults.decoding(results.size() + " results for " + count + " inputs");
        }
        return results;
    }

    @Override
    public boolean batches() {
        return batches;
    }

    @Override
    public long sizeOf(I input) {
        return inputs.bytes(input);
    }

    @Override
    public Object batchKey(I input) {
        return inputs.layout(input);
    }

    @Override
    public String toString() {
        return description;
    }
}
