package io.foretell.internal.engine;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.time.Deadline;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One wire try of a request. Ends exactly once: by the transport's answer, or by being aborted. */
final class Attempt<I, O> implements CallContext {
    private static final long NOT_YET = Long.MIN_VALUE;

    private final Engine<I, O> engine;
    private final Executor callbacks;
    private final Deadline deadline;
    private final CallEvent start;
    private final long startNanos;
    private final AtomicLong sentNanos = new AtomicLong(NOT_YET);
    private final AtomicLong firstNanos = new AtomicLong(NOT_YET);
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
    private volatile @Nullable CompletableFuture<InferenceResponse> wire;
    private volatile Timings timings = Timings.none();

    private enum State {
        NEW,
        STARTED,
        ENDED
    }

    Attempt(Engine<I, O> engine, Executor callbacks, Deadline deadline, CallEvent start) {
        this.engine = engine;
        this.callbacks = callbacks;
        this.deadline = deadline;
        this.start = start;
        this.startNanos = engine.ticker.nanos();
    }

    /** Sends the request, unless aborted before. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request) {
        engine.listeners.tell(CallListener::attemptStarted, start);
        if (!state.compareAndSet(State.NEW, State.STARTED)) {
            engine.listeners.tell(CallListener::attemptEnded, start.ended(timings, new CancellationException()));
            return answer;
        }
        CompletableFuture<InferenceResponse> sent;
        try {
            sent = engine.transport.send(request, this);
        } catch (Throwable fault) {
            end(null, fault, engine.ticker.nanos());
            return answer;
        }
        wire = sent;
        sent.whenComplete((response, fault) -> {
            long endNanos = engine.ticker.nanos();
            callbacks.execute(() -> end(response, fault, endNanos));
        });
        if (state.get() == State.ENDED) {
            sent.cancel(true);
        }
        return answer;
    }

    void abort(Throwable reason) {
        end(null, reason, engine.ticker.nanos());
        CompletableFuture<InferenceResponse> sent = wire; // or send() sees the end and cancels
        if (sent != null) {
            sent.cancel(true);
        }
    }

    private void end(@Nullable InferenceResponse response, @Nullable Throwable fault, long endNanos) {
        State before = state.getAndSet(State.ENDED);
        if (before == State.ENDED) {
            return;
        }
        timings = measured(endNanos);
        Throwable error = fault == null ? null : Failures.unwrap(fault);
        if (before == State.STARTED) {
            engine.listeners.tell(CallListener::attemptEnded, start.ended(timings, error));
        }
        if (error != null) {
            answer.completeExceptionally(error);
        } else {
            answer.complete(response);
        }
    }

    private Timings measured(long endNanos) {
        long sent = sentNanos.get();
        long first = firstNanos.get();
        Timings measured = Timings.none().with(Phase.ATTEMPT, endNanos - startNanos);
        if (sent != NOT_YET) {
            measured = measured.with(Phase.SEND, sent - startNanos);
        }
        if (first != NOT_YET) {
            measured = measured.with(Phase.RECEIVE, endNanos - first);
        }
        return sent == NOT_YET || first == NOT_YET ? measured : measured.with(Phase.WAIT, Math.max(0, first - sent));
    }

    /** Empty until the attempt has ended. */
    Timings timings() {
        return timings;
    }

    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public int attempt() {
        return start.attempt();
    }

    @Override
    public void requestSent() {
        sentNanos.compareAndSet(NOT_YET, engine.ticker.nanos());
    }

    @Override
    public void responseStarted() {
        firstNanos.compareAndSet(NOT_YET, engine.ticker.nanos());
    }
}
