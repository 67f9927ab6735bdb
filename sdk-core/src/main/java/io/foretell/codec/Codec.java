package io.foretell.codec;

import io.foretell.transport.Payload;
import java.util.List;

/**
 * Turns typed inputs into a payload and the answer into typed outputs. Must be thread-safe and must not keep state
 * between the two. {@link #encode} runs on the caller's thread where it can, {@link #decode} on the callback executor.
 *
 * <p>Whatever these methods throw fails the call as a {@link io.foretell.error.CodecException}, unless it is an
 * {@link io.foretell.error.InferenceException} already.
 *
 * <p>A predictor that batches also asks for {@link #sizeOf}, {@link #batchKey} and {@link #length}, on the caller's
 * thread, before the call is queued. They should be cheap. What they throw fails that call alone.
 */
public interface Codec<I, O> {
    /** The kind of payload that {@link #encode} writes. Constant. */
    Payload.Kind payload();

    /**
     * Writes the inputs, at least one, in their order, into one payload. Arrays within the inputs need not be copied: the
     * caller keeps them unchanged until the call has ended.
     */
    Payload encode(List<I> inputs);

    /**
     * Reads an answer.
     *
     * @param count how many inputs it answers
     * @return exactly {@code count} results; result i answers input i
     */
    List<ItemResult<O>> decode(Payload payload, int count);

    /**
     * Reads an answer with the inputs at hand; this is what a predictor calls. Unless overridden, the same as with their
     * number alone. A codec that wraps another one passes the inputs on.
     *
     * @param inputs what {@link #encode} was given
     * @return as many results; result i answers input i
     */
    default List<ItemResult<O>> decode(Payload payload, List<I> inputs) {
        return decode(payload, inputs.size());
    }

    /** Whether {@link #encode} takes more than one input. Constant; true unless overridden. */
    default boolean batches() {
        return true;
    }

    /** How many bytes an input adds to a payload, about; 0, unless overridden, for unknown. */
    default long sizeOf(I input) {
        return 0;
    }

    /**
     * What inputs must have in common to share a request: only those with equal keys do. Unless overridden, all may. A
     * key is immutable, with cheap {@code equals} and {@code hashCode}, and does not hold on to the input.
     */
    default Object batchKey(I input) {
        return "";
    }

    /**
     * How long an input is, such as the tokens of a text, for batches of inputs of like length; 0, unless overridden,
     * where all are alike. Asked for only where {@link io.foretell.policy.BatchPolicy#lengthBuckets} are set.
     */
    default int length(I input) {
        return 0;
    }
}
