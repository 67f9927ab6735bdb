package io.foretell.internal.engine;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.time.Deadline;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One wire try of a request. Ends exactly once: by the transport's answer, or by being aborted. */
final class Attempt<I, O> implements CallContext {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final long NOT_YET = Long.MIN_VALUE;

    private final Engine<I, O> engine;
    private final Callbacks callbacks;
    private final Deadline deadline;
    private final CallEvent start;
    private final long startNanos;
    private final AtomicLong sentNanos = new AtomicLong(NOT_YET);
    private final AtomicLong firstNanos = new AtomicLong(NOT_YET);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
    private volatile @Nullable CompletableFuture<InferenceResponse> wire;
    private volatile Timings timings = Timings.none();

    private Attempt(Engine<I, O> engine, Callbacks callbacks, Deadline deadline, CallEvent start) {
        this.engine = engine;
        this.callbacks = callbacks;
        this.deadline = deadline;
        this.start = start;
        this.startNanos = engine.ticker.nanos();
    }

    /** Tells the listeners before anyone can abort it, so that no end comes before its start. */
    static <I, O> Attempt<I, O> start(Engine<I, O> engine, Callbacks callbacks, Deadline deadline, CallEvent start) {
        engine.listeners.tell(CallListener::attemptStarted, start);
        return new Attempt<>(engine, callbacks, deadline, start);
    }

    /** Sends the request, unless aborted before. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request) {
        if (isEnded()) {
            return answer;
        }
        CompletableFuture<InferenceResponse> sent = handOver(request);
        wire = sent;
        sent.whenComplete((response, fault) -> {
            if (!isEnded()) {
                long endNanos = engine.ticker.nanos();
                callbacks.execute(() -> answered(response, fault, endNanos));
            }
        });
        if (isEnded()) { // aborted before the wire could be seen
            cancel(sent);
        }
        return answer;
    }

    private void cancel(CompletableFuture<InferenceResponse> sent) {
        try {
            sent.cancel(true);
        } catch (Throwable fault) { // the calls must end all the same
            LOG.warn("the transport to {} threw while cancelling", engine.source, fault);
        }
    }

    private CompletableFuture<InferenceResponse> handOver(InferenceRequest request) {
        try {
            CompletableFuture<InferenceResponse> sent = engine.transport.send(request, this);
            return sent != null ? sent : CompletableFuture.failedFuture(fault("no future"));
        } catch (Throwable fault) {
            return CompletableFuture.failedFuture(fault);
        }
    }

    private void answered(@Nullable InferenceResponse response, @Nullable Throwable fault, long endNanos) {
        if (response == null) {
            Throwable cause = fault == null ? fault("null for an answer") : fault;
            end(null, engine.failures.of(cause, start.attempt()), endNanos);
        } else {
            end(response, null, endNanos);
        }
    }

    private IllegalStateException fault(String what) {
        return new IllegalStateException("transport " + engine.source + " gave " + what);
    }

    boolean isEnded() {
        return ended.get();
    }

    void abort(Throwable reason) {
        end(null, reason, engine.ticker.nanos());
        CompletableFuture<InferenceResponse> sent = wire; // or send() sees the end and cancels
        if (sent != null) {
            cancel(sent);
        }
    }

    private void end(@Nullable InferenceResponse response, @Nullable Throwable error, long endNanos) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        timings = measured(endNanos);
        engine.listeners.tell(CallListener::attemptEnded, start.ended(timings, error));
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
