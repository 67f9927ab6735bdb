package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One item's prediction. Its fate is settled exactly once, by whoever comes first: the request's answer, the deadline, or
 * the caller who gives up. Who settles it also ends it.
 */
final class Call<I, O> {
    final I input;

    private final CallGroup<I, O> group;
    private final int index;
    private final long id;
    private final long startNanos;
    private final AtomicReference<@Nullable Fate<O>> fate = new AtomicReference<>();
    private volatile @Nullable RequestPass<I, O> pass;

    private record Fate<O>(
            @Nullable Answer<O> answer, @Nullable Throwable error) {}

    Call(CallGroup<I, O> group, int index, I input, long id, long startNanos) {
        this.group = group;
        this.index = index;
        this.input = input;
        this.id = id;
        this.startNanos = startNanos;
    }

    CallGroup<I, O> group() {
        return group;
    }

    void start() {
        if (group.engine.listeners.any()) {
            group.engine.listeners.tell(CallListener::callStarted, event());
        }
    }

    private CallEvent event() {
        return CallEvent.started(group.engine.source, id, 0, 1);
    }

    /** Puts the call into a request. One that is settled by then aborts nothing: the request must look for itself. */
    void join(RequestPass<I, O> pass) {
        this.pass = pass;
    }

    boolean isSettled() {
        return fate.get() != null;
    }

    /** True for the first; who gets it must call {@link #end()}. */
    boolean settle(@Nullable Answer<O> answer, @Nullable Throwable error) {
        return fate.compareAndSet(null, new Fate<>(answer, error));
    }

    /** Tells the listeners, then gives the result to whoever waits for it; only then may the predictor be gone. */
    void end() {
        Fate<O> settled = fate.get();
        if (settled == null) {
            throw new IllegalStateException("call " + id + " ended before it was settled");
        }
        Answer<O> answer = settled.answer();
        Throwable error = settled.error();
        try {
            tellEnd(answer, error);
            group.callEnding();
        } finally { // whatever a ticker or a timer of the user's throws
            group.sink.ended(index, answer, error);
            group.engine.lifecycle.exit();
        }
    }

    private void tellEnd(@Nullable Answer<O> answer, @Nullable Throwable error) {
        if (group.engine.listeners.any()) {
            Timings timings = answer != null
                    ? answer.timings()
                    : new Timings.Builder().set(Phase.CALL, nanos()).build();
            group.engine.listeners.tell(CallListener::callEnded, event().ended(timings, error));
        }
    }

    /** How long it has taken so far. */
    long nanos() {
        return group.engine.ticker.nanos() - startNanos;
    }

    /** Stops the request that carries this call, where it carries no other live one. */
    void abortDeadRequest(Throwable reason) {
        RequestPass<I, O> current = pass;
        if (current != null) {
            current.abortIfDead(reason);
        }
    }

    Failures failures() {
        RequestPass<I, O> current = pass;
        return current == null ? group.engine.failures : current.failures();
    }

    int attempts() {
        RequestPass<I, O> current = pass;
        return current == null ? 0 : current.attempts().size();
    }

    List<InferenceException> attemptErrors() {
        RequestPass<I, O> current = pass;
        return current == null ? List.of() : current.attemptErrors();
    }

    void stopRetrying() {
        RequestPass<I, O> current = pass;
        if (current != null) {
            current.stopRetrying();
        }
    }
}
