package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent.Reason;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/** What has become of a request's attempts so far. Thread-safe: two attempts may be out at once. */
final class History {
    private static final List<Reason> ONLY_FIRST = List.of(Reason.FIRST);

    private static final VarHandle SENT = field("sent", List.class);
    private static final VarHandle ERRORS = field("errors", List.class);
    private static final VarHandle QUEUE_NANOS = field("queueNanos", long.class);

    private volatile List<Reason> sent = List.of();
    private volatile List<InferenceException> errors = List.of();
    private volatile long queueNanos;
    private volatile long backoffNanos;
    private int followed;

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(History.class, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Notes an attempt that is about to be sent, and gives its number. */
    int add(Reason reason) {
        List<Reason> before;
        List<Reason> after;
        do {
            before = sent;
            after = before.isEmpty() && reason == Reason.FIRST ? ONLY_FIRST : plus(before, reason);
        } while (!SENT.compareAndSet(this, before, after));
        return after.size();
    }

    void add(InferenceException error) {
        List<InferenceException> before;
        do {
            before = errors;
        } while (!ERRORS.compareAndSet(this, before, plus(before, error)));
    }

    private static <T> List<T> plus(List<T> before, T added) {
        List<T> after = new ArrayList<>(before);
        after.add(added);
        return List.copyOf(after);
    }

    void queued(long nanos) {
        QUEUE_NANOS.getAndAdd(this, nanos);
    }

    /** For the loop's owner. */
    void backedOff(long nanos) {
        backoffNanos = backoffNanos + nanos;
    }

    /** Why each attempt that was sent was made, in their order. */
    List<Reason> reasons() {
        return sent;
    }

    /** What the attempts have failed with. */
    List<InferenceException> errors() {
        return errors;
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
        return (int) sent.stream().filter(each -> each == reason).count();
    }

    /** An attempt follows all failures so far. For the loop's owner. */
    void followed() {
        followed = errors.size();
    }

    /** The failures at endpoints that no attempt has followed, two if a hedge was out. For the loop's owner. */
    List<InferenceException> pending() {
        List<InferenceException> all = errors;
        return all.subList(followed, all.size()).stream()
                .filter(error -> !isLocal(error))
                .toList();
    }

    /** The last failure that came from an endpoint; where there is none, the last of all. */
    InferenceException decisive() {
        List<InferenceException> all = errors;
        InferenceException decisive = all.get(0);
        for (InferenceException error : all) {
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
                .attempts(sent.size())
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

    /** The waits of the request; a phase that did not happen is left out. */
    void addTimings(Timings.Builder timings) {
        timings.set(Phase.QUEUE, queueNanos == 0 ? -1 : queueNanos)
                .set(Phase.BACKOFF, backoffNanos == 0 ? -1 : backoffNanos);
    }
}
