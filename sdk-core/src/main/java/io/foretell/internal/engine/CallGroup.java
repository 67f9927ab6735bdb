package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Lifecycle.Epoch;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/** The calls that one caller started together: one deadline and one timer, results to one sink. */
public final class CallGroup<I, O> {
    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<CallGroup> LIVE =
            AtomicIntegerFieldUpdater.newUpdater(CallGroup.class, "live");

    final Engine<I, O> engine;
    final Terms terms;
    final Callbacks callbacks;
    final Sink<O> sink;
    final Deadline deadline;
    final long startNanos;

    private List<Call<I, O>> calls = List.of();
    private @Nullable Epoch epoch;
    private volatile int live;

    /** Null as long as the group has outlived no dispatch. */
    private volatile Scheduler.@Nullable Timer timer;

    CallGroup(Engine<I, O> engine, Terms terms, Callbacks callbacks, Sink<O> sink) {
        this.engine = engine;
        this.terms = terms;
        this.callbacks = callbacks;
        this.sink = sink;
        this.deadline = Deadline.afterNanos(terms.timeoutNanos(), engine.ticker);
        this.startNanos = engine.ticker.nanos();
    }

    /**
     * Once, and before anybody else can find the group.
     *
     * @param entered what its calls have entered
     */
    void run(List<Call<I, O>> started, Epoch entered) {
        calls = started;
        epoch = entered;
        LIVE.lazySet(this, started.size());
        if (engine.listeners.any()) {
            started.forEach(Call::tellStart);
        }
        engine.dispatch(started);
        if (live > 0) { // what is answered at once needs no timer
            outlive();
        }
    }

    /** Whether somebody wants to know how long each phase has taken. */
    boolean isTimed() {
        return engine.listeners.any() || sink.asksForAnswers();
    }

    /** One of its calls has ended. */
    void exit() {
        if (epoch != null) {
            epoch.exit();
        }
    }

    long deadlineNanos() {
        return startNanos + Math.min(terms.timeoutNanos(), Long.MAX_VALUE / 4);
    }

    /**
     * Whether a callback waits for it. Such a call must not depend on what others wait for: it would keep a thread from
     * them that they need.
     */
    boolean waitsInCallback() {
        return callbacks != engine.callbacks && callbacks.nested();
    }

    /** Whether its deadline has passed, by a reading of the clock. */
    boolean isExpired(long now) {
        return now - startNanos >= terms.timeoutNanos();
    }

    private void outlive() {
        timer = Timers.NONE; // until there is one
        engine.outstanding.add(this);
        try {
            timer = engine.scheduler.schedule(() -> callbacks.execute(this::expire), deadline.remainingNanos());
        } catch (Throwable refused) {
            abandon(explained(engine.failures.noTimer(refused, calls.get(0).attempts())));
        }
        Engine.GivenUp givenUp = engine.givenUp;
        if (givenUp != null) {
            closeNow(givenUp);
        } else if (engine.outbound.closing) { // close() may have just missed it
            stopRetrying();
        }
        if (live == 0) {
            forget();
        }
    }

    private void expire() {
        Call<I, O> first = calls.get(0);
        abandon(explained(first.failures().deadline(terms.timeout(), first.attempts())));
    }

    /** With what the attempts failed with, for who asks why it took so long. */
    private InferenceException explained(InferenceException end) {
        calls.get(0).attemptErrors().forEach(end::addSuppressed);
        return end;
    }

    /** Gives up the calls that have not ended. Stops what is on the wire for them. */
    public void cancel() {
        if (live > 0) {
            Object before = Callbacks.enter();
            try {
                abandon(new CancellationException());
            } finally {
                Callbacks.leave(before);
            }
        }
    }

    /** The predictor closes: no retries any more. */
    void stopRetrying() {
        callbacks.execute(() -> calls.forEach(Call::stopRetrying));
    }

    /** How many of its calls have not ended. */
    int live() {
        return live;
    }

    /** The predictor has waited long enough. */
    void closeNow(Engine.GivenUp now) {
        Call<I, O> first = calls.get(0);
        callbacks.execute(
                () -> abandon(explained(first.failures().closing(now.grace(), now.calls(), first.attempts()))));
    }

    /** Settles all before ending any, so that a request whose calls are all here is aborted before they end. */
    private void abandon(Throwable reason) {
        Call.Failure failure = new Call.Failure(reason);
        calls.forEach(call -> call.settle(failure));
        List<Call<I, O>> abandoned =
                calls.stream().filter(call -> call.isSettledBy(failure)).toList();
        try {
            abandoned.forEach(call -> call.abortDeadRequest(reason));
        } finally { // whatever a ticker of the user's throws
            abandoned.forEach(Call::end);
        }
    }

    /** The last to end takes the timer along. */
    void callEnding() {
        if (LIVE.decrementAndGet(this) == 0) {
            forget();
        }
    }

    private void forget() {
        Scheduler.Timer pending = timer;
        if (pending != null) {
            engine.outstanding.remove(this);
            pending.cancel();
        }
    }
}
