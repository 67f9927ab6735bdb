package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the calls of a request that cannot be served together: where it is too large, or the model refuses an
 * input in it, two halves go in its place. Here both at once; see {@link BatchDivision} for a batch, which has one slot.
 */
class Division<I, O> {
    final Engine<I, O> engine;

    Division(Engine<I, O> engine) {
        this.engine = engine;
    }

    /**
     * Whether calls whose request failed are to {@link #goOn} in halves.
     *
     * @param encoding whether it failed while it was encoded, so that nothing was sent
     */
    final boolean divides(List<Call<I, O>> calls, Throwable error, boolean encoding) {
        if (calls.size() == 1) {
            return false;
        }
        if (encoding || isTooLarge(error)) {
            tooLarge(calls, encoding);
            return true;
        }
        return isRefusedInput(error, calls) && mayBisect();
    }

    /** Sends the halves. */
    final void goOn(List<Call<I, O>> calls) {
        int half = calls.size() / 2;
        goOn(calls.subList(0, half), calls.subList(half, calls.size()));
    }

    private static boolean isTooLarge(Throwable error) {
        return error instanceof InferenceException known
                && known.category() == ErrorCategory.PAYLOAD_TOO_LARGE
                && known.retrySafety() == RetrySafety.SAFE;
    }

    private static boolean isInputRefused(InferenceException error) {
        return error.category() == ErrorCategory.INVALID_REQUEST
                || error.category() == ErrorCategory.MODEL_CLIENT_ERROR;
    }

    /** An error for several calls that are not divided: it says that it may be another's. */
    static Throwable told(List<? extends Call<?, ?>> calls, Throwable error) {
        if (calls.size() == 1 || !(error instanceof InferenceException known) || !isInputRefused(known)) {
            return error;
        }
        InferenceException told = known.toBuilder()
                .message(known.getMessage() + " (a batch of " + calls.size() + " calls was refused)")
                .build();
        Stream.of(known.getSuppressed()).forEach(told::addSuppressed);
        return told;
    }

    private static boolean isRefusedInput(Throwable error, List<? extends Call<?, ?>> calls) {
        return error instanceof InferenceException known
                && isInputRefused(known)
                && (known.retrySafety() == RetrySafety.SAFE || Calls.areIdempotent(calls));
    }

    /** The budget pays for one of the halves. */
    boolean mayBisect() {
        return engine.outbound.budget.withdraw();
    }

    /** A request of these was too large, for the codec or for who it was sent to. */
    void tooLarge(List<Call<I, O>> calls, boolean encoding) {}

    void goOn(List<Call<I, O>> first, List<Call<I, O>> second) {
        engine.send(first, this);
        engine.send(second, this);
    }

    /** A request has ended, or has its answer; an error is what its calls failed with. */
    void ended(@Nullable Throwable error) {}

    /** An answer could not be dealt out to its calls. */
    void unreadable() {}

    /** Whether the calls of one request end before the next is sent. */
    boolean inOrder() {
        return false;
    }

    /** Where a request's answer is read and its calls end. */
    Callbacks callbacks(CallGroup<I, O> group) {
        return group.callbacks;
    }

    /** How long a call that began then waited to be sent with others. */
    long waitedNanos(long startNanos) {
        return 0;
    }
}
