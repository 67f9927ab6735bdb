package io.foretell.internal.engine;

import io.foretell.policy.BatchPolicy;
import io.foretell.transport.Attributes;
import java.util.Arrays;

/** What calls must have in common to share a batch. */
final class BatchKeys<I, O> {
    private final CheckedCodec<I, O> codec;
    private final int[] lengthBuckets;

    /** Equal for calls that may. */
    private record Key(Object codec, Attributes attributes, boolean idempotent, int bucket) {}

    BatchKeys(CheckedCodec<I, O> codec, BatchPolicy policy) {
        this.codec = codec;
        this.lengthBuckets =
                policy.lengthBuckets().stream().mapToInt(Integer::intValue).toArray();
    }

    Object of(Call<I, O> call) {
        Terms terms = call.group().terms;
        return new Key(codec.batchKey(call.input), terms.attributes(), terms.idempotent(), bucket(call.input));
    }

    private int bucket(I input) {
        if (lengthBuckets.length == 0) { // a length may cost as much as the encoding
            return 0;
        }
        int at = Arrays.binarySearch(lengthBuckets, codec.length(input));
        return at >= 0 ? at : -at - 1;
    }
}
