package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent.Reason;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.util.ArrayList;
import java.util.List;

/**
 * What has become of a request's attempts so far. Immutable: what happens next gives another.
 *
 * @param reasons why each attempt that was sent was made, in their order
 * @param errors what the attempts have failed with
 * @param refused whether a failure on this side ended an attempt that was no hedge: nothing follows that
 * @param followed how many of the failures an attempt has followed
 */
record History(
        List<Reason> reasons,
        List<InferenceException> errors,
        boolean refused,
        int followed,
        long queueNanos,
        long backoffNanos) {
    static final History NONE = new History(List.of(), List.of(), false, 0, 0, 0);

    /** What becomes of most requests. */
    private static final History ONE_SENT = new History(List.of(Reason.FIRST), List.of(), false, 0, 0, 0);

    /** An attempt is about to be sent; its number is the new number of reasons. */
    History withSent(Reason reason) {
        return this == NONE && reason == Reason.FIRST
                ? ONE_SENT
                : new History(plus(reasons, reason), errors, refused, followed, queueNanos, backoffNanos);
    }

    History withFailure(Reason reason, InferenceException error) {
        boolean refuses = refused || isLocal(error) && reason != Reason.HEDGE;
        return new History(reasons, plus(errors, error), refuses, followed, queueNanos, backoffNanos);
    }

    private static <T> List<T> plus(List<T> before, T added) {
        List<T> after = new ArrayList<>(before);
        after.add(added);
        return List.copyOf(after);
    }

    History withQueued(long nanos) {
        return new History(reasons, errors, refused, followed, queueNanos + nanos, backoffNanos);
    }

    History withBackoff(long nanos) {
        return new History(reasons, errors, refused, followed, queueNanos, backoffNanos + nanos);
    }

    /** An attempt follows all failures so far. */
    History withAllFollowed() {
        return new History(reasons, errors, refused, errors.size(), queueNanos, backoffNanos);
    }

    int failures(ErrorCategory category) {
        return (int)
                errors.stream().filter(error -> error.category() == category).count();
    }

    /** How many failures are of this category and may be repeated as often: a 500 uses up no 504's retry. */
    int alike(InferenceException error) {
        return (int) errors.stream()
                .filter(each -> each.category() == error.category() && each.maxRetries() == error.maxRetries())
                .count();
    }

    /** How many attempts were sent for a reason. */
    int sent(Reason reason) {
        return (int) reasons.stream().filter(each -> each == reason).count();
    }

    /** The failures at endpoints that no attempt has followed, two if a hedge was out. */
    List<InferenceException> pending() {
        return errors.subList(followed, errors.size()).stream()
                .filter(error -> !isLocal(error))
                .toList();
    }

    /** The last failure that came from an endpoint; where there is none, the last of all. */
    InferenceException decisive() {
        InferenceException decisive = errors.get(0);
        for (InferenceException error : errors) {
            decisive = isLocal(error) && !isLocal(decisive) ? decisive : error;
        }
        return decisive;
    }

    /**
     * The decisive failure, with the others suppressed.
     *
     * @param budgetRefused whether only the budget stood against another attempt
     */
    InferenceException failure(boolean budgetRefused) {
        InferenceException last = decisive();
        InferenceException failure = last.toBuilder()
                .attempts(reasons.size())
                .budgetRefused(budgetRefused)
                .build();
        for (InferenceException error : errors) {
            if (error != last) {
                failure.addSuppressed(error);
            }
        }
        return failure;
    }

    private static boolean isLocal(InferenceException error) {
        return error.category() == ErrorCategory.LOCAL_REJECTED;
    }

    /**
     * The waits of the request; a phase that did not happen is left out.
     *
     * @param batchedNanos how long it waited before it became a request
     */
    void addTimings(Timings.Builder timings, long batchedNanos) {
        long queued = batchedNanos + queueNanos;
        timings.set(Phase.QUEUE, queued == 0 ? -1 : queued).set(Phase.BACKOFF, backoffNanos == 0 ? -1 : backoffNanos);
    }
}
