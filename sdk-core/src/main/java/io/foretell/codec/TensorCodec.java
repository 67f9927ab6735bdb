package io.foretell.codec;

import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Two functions as a codec, with what every codec of tensors checks. */
final class TensorCodec<I, O> implements Codec<I, O> {
    private final Function<List<I>, Map<String, Tensor>> encode;
    private final BiFunction<Map<String, Tensor>, Integer, List<ItemResult<O>>> decode;
    private final boolean batches;
    private final String description;

    TensorCodec(
            Function<List<I>, Map<String, Tensor>> encode,
            BiFunction<Map<String, Tensor>, Integer, List<ItemResult<O>>> decode,
            boolean batches,
            String description) {
        this.encode = encode;
        this.decode = decode;
        this.batches = batches;
        this.description = description;
    }

    static <I, O> TensorCodec<I, O> of(Rows<I> inputs, Rows<O> outputs) {
        return new TensorCodec<>(inputs::write, outputs::read, true, inputs + " -> " + outputs);
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.TENSORS;
    }

    @Override
    public Payload encode(List<I> inputs) {
        if (inputs.isEmpty() || inputs.size() > 1 && !batches) {
            throw CodecFaults.encoding(
                    inputs.size() + " inputs, " + (batches ? "at least" : "exactly") + " 1 expected");
        }
        return new Payload.Tensors(encode.apply(inputs));
    }

    @Override
    public List<ItemResult<O>> decode(Payload payload, int count) {
        if (!(payload instanceof Payload.Tensors answer)) {
            throw CodecFaults.decoding("tensors expected, not " + payload);
        }
        List<ItemResult<O>> results = decode.apply(answer.tensors(), count);
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
    public String toString() {
        return description;
    }
}
