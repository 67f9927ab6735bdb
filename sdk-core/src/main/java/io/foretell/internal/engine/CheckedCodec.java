package io.foretell.internal.engine;

import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.transport.Payload;
import java.util.List;

/** A codec of the user's, held to its contract. */
final class CheckedCodec<I, O> {
    private final Codec<I, O> codec;

    CheckedCodec(Codec<I, O> codec) {
        this.codec = codec;
    }

    boolean batches() {
        return codec.batches();
    }

    long sizeOf(I input) {
        long bytes = codec.sizeOf(input);
        if (bytes < 0) {
            throw new IllegalStateException(codec + " gave " + bytes + " for the size of an input");
        }
        return bytes;
    }

    Object batchKey(I input) {
        Object key = codec.batchKey(input);
        if (key == null) {
            throw new IllegalStateException(codec + " gave null for a batch key");
        }
        return key;
    }

    int length(I input) {
        return codec.length(input);
    }

    Payload encode(List<I> inputs) {
        Payload payload = codec.encode(inputs);
        if (payload == null || payload.kind() != codec.payload()) {
            throw new IllegalStateException(codec + " wrote " + (payload == null ? "null" : payload.kind())
                    + " where it promises " + codec.payload());
        }
        return payload;
    }

    /**
     * One result for each input, in a list that gives what it holds: the codec's may yet fail to do so.
     *
     * @param failures for a fault of the codec's after so many attempts
     */
    List<ItemResult<O>> decode(Payload payload, List<I> inputs, Failures failures, int attempts) {
        List<ItemResult<O>> results = codec.decode(payload, inputs);
        int count = inputs.size();
        if (results == null || results.size() != count) {
            String given = results == null ? "null" : results.size() + " results";
            throw failures.codec(miscounted(given, count), attempts);
        }
        for (int i = 0; i < count; i++) {
            if (results.get(i) == null) {
                throw failures.codec(miscounted("null for result " + i, count), attempts);
            }
        }
        return List.copyOf(results);
    }

    private String miscounted(String what, int inputs) {
        return codec + " decoded " + what + " for " + inputs + " inputs";
    }
}
