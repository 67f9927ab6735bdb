package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The calls that one caller started together: one deadline and one timer, results to one sink. */
public final class CallGroup<I, O> {
    final Engine<I, O> engine;
    final Duration timeout;
    final Deadline deadline;
    final Attributes attributes;
    final boolean idempotent;
    final Callbacks callbacks;
    final Sink<O> sink;

    private final AtomicInteger live;
    private volatile List<Call<I, O>> calls = List.of();
    private volatile Scheduler.@Nullable Timer timer;

    CallGroup(Engine<I, O> engine, int size, Terms terms, Callbacks callbacks, Sink<O> sink) {
        this.engine = engine;
        this.timeout = terms.timeout();
        this.deadline = Deadline.after(timeout, engine.ticker);
        this.attributes = terms.attributes();
        this.idempotent = terms.idempotent();
        this.callbacks = callbacks;
        this.sink = sink;
        this.live = new AtomicInteger(size);
    }

    void run(List<Call<I, O>> started) {
        calls = started;
        started.forEach(Call::start);
        engine.dispatch(started);
        if (live.get() > 0) { // what is answered at once needs no timer
            outlive();
        }
    }

    private void outlive() {
        engine.outstanding.add(this);
        try {
            timer = engine.scheduler.schedule(() -> callbacks.execute(this::expire), deadline.remainingNanos());
        } catch (Throwable refused) {
            abandon(explained(engine.failures.noTimer(refused, calls.get(0).attempts())));
        }
        Duration grace = engine.spentGrace;
        if (grace != null) {
            closeNow(grace);
        } else if (engine.outbound.closing) { // close() may have just missed it
            stopRetrying();
        }
        if (live.get() == 0) {
            forget();
        }
    }

    private void expire() {
        Call<I, O> first = calls.get(0);
        abandon(explained(first.failures().deadline(timeout, first.attempts())));
    }

    /** With what the attempts failed with, for who asks why it took so long. */
    private InferenceException explained(InferenceException end) {
        calls.get(0).attemptErrors().forEach(end::addSuppressed);
        return end;
    }

    /** Gives up the calls that have not ended. Stops what is on the wire for them. */
    public void cancel() {
        if (live.get() > 0) {
            Callbacks.within(() -> abandon(new CancellationException()));
        }
    }

    /** The predictor closes: no retries any more. */
    void stopRetrying() {
        callbacks.execute(() -> calls.forEach(Call::stopRetrying));
    }

    /** The predictor has waited long enough. */
    void closeNow(Duration grace) {
        Call<I, O> first = calls.get(0);
        callbacks.execute(() -> abandon(explained(first.failures().closing(grace, first.attempts()))));
    }

    /** Settles all before ending any, so that a request whose calls are all here is aborted before they end. */
    private void abandon(Throwable reason) {
        List<Call<I, O>> abandoned = new ArrayList<>(calls.size());
        for (Call<I, O> call : calls) {
            if (call.settle(null, reason)) {
                abandoned.add(call);
            }
        }
        try {
            abandoned.forEach(call -> call.abortDeadRequest(reason));
        } finally { // whatever a ticker of the user's throws
            abandoned.forEach(Call::end);
        }
    }

    /** The last to end takes the timer along. */
    void callEnding() {
        if (live.decrementAndGet() == 0) {
            forget();
        }
    }

    private void forget() {
        engine.outstanding.remove(this);
        Scheduler.Timer pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }
}
