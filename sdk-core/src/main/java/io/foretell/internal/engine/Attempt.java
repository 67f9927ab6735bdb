package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.internal.gate.Gate;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One wire try of a request at one endpoint: through the limits, onto the wire, to its one end. Holds the breaker's
 * permission from its making and a place in the limits from its entry, and gives both back exactly once.
 */
final class Attempt implements CallContext {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final long NOT_YET = Long.MIN_VALUE;
    private static final AtomicReferenceFieldUpdater<Attempt, Stage> STAGE =
            AtomicReferenceFieldUpdater.newUpdater(Attempt.class, Stage.class, "stage");
    private static final AtomicLongFieldUpdater<Attempt> SENT =
            AtomicLongFieldUpdater.newUpdater(Attempt.class, "sentNanos");
    private static final AtomicLongFieldUpdater<Attempt> FIRST =
            AtomicLongFieldUpdater.newUpdater(Attempt.class, "firstNanos");

    private enum Stage {
        /** Before the limits, or in their queue. */
        WAITING,
        /** The listeners are being told of the start. */
        STARTING,
        /** With the transport. */
        SENT,
        /** Over. */
        ENDED
    }

    final Endpoint endpoint;
    private final AttemptLoop loop;
    private final long permission;
    final CallEvent.Reason reason;
    private final @Nullable Duration limit;
    private volatile Stage stage = Stage.WAITING;
    private volatile long sentNanos = NOT_YET;
    private volatile long firstNanos = NOT_YET;
    private volatile long endNanos = NOT_YET;
    private volatile Gate.@Nullable Place place;
    private volatile @Nullable CompletableFuture<InferenceResponse> wire;
    private volatile Scheduler.@Nullable Timer timer;
    private volatile @Nullable Throwable abortReason;
    private Deadline deadline;
    private int number;
    private long startNanos;

    /** @param permission of the endpoint's breaker */
    Attempt(AttemptLoop loop, Endpoint endpoint, long permission, CallEvent.Reason reason) {
        this.loop = loop;
        this.endpoint = endpoint;
        this.permission = permission;
        this.reason = reason;
        this.limit = loop.out.attemptTimeout(endpoint.breaker.isProbe(permission));
        this.deadline = loop.deadline;
    }

    /** Passes the limits, at once or from their queue, and sends. */
    void enter() {
        if (endpoint.gate.tryEnter(loop.bytes())) {
            entered();
            return;
        }
        long before = loop.now();
        try {
            place = endpoint.gate.enqueue(
                    loop.bytes(), deadline, () -> loop.callbacks.execute(() -> granted(before), loop::abort));
        } catch (InferenceException full) {
            refuse(full);
            return;
        }
        if (isEnded()) { // aborted before the place could be seen
            leaveQueue();
        }
    }

    private void granted(long before) {
        loop.history().queued(loop.now() - before);
        if (loop.isBeyondHelp() && moves(Stage.WAITING, Stage.ENDED)) {
            endpoint.breaker.release(permission);
            loop.out.giveBack(reason);
        } else if (reason != CallEvent.Reason.FIRST && loop.isTooLate(endpoint)) {
            endpoint.gate.leave(loop.bytes(), Gate.Outcome.IGNORE, 0);
            refuse(endpoint.failures.tooLate());
            return;
        }
        entered();
    }

    private void refuse(InferenceException error) {
        if (moves(Stage.WAITING, Stage.ENDED)) {
            endpoint.breaker.release(permission);
            loop.notMade(reason, error);
        }
    }

    private void leaveQueue() {
        Gate.Place waiting = place;
        if (waiting != null) {
            waiting.cancel(); // where it comes too late, entered() finds the end and leaves
        }
    }

    private void entered() {
        if (!moves(Stage.WAITING, Stage.STARTING)) {
            endpoint.gate.leave(loop.bytes(), Gate.Outcome.IGNORE, 0);
            return;
        }
        number = loop.history().add(reason);
        startNanos = loop.now();
        if (limit != null) { // not before: a wait on this side is no fault of the endpoint
            deadline = Deadline.after(limit, loop.out.policies.ticker()).min(loop.deadline);
        }
        if (loop.out.listeners.any()) {
            loop.out.listeners.tell(CallListener::attemptStarted, event());
        }
        if (moves(Stage.STARTING, Stage.SENT)) {
            send();
        } else { // aborted meanwhile; no end comes before its start
            finish(abortReason == null ? new CancellationException() : abortReason, loop.now());
        }
    }

    private void send() {
        CompletableFuture<InferenceResponse> sent = endpoint.send(loop.request(), this);
        wire = sent;
        sent.whenComplete(this::arrived);
        if (isEnded()) {
            cancelWire(); // aborted before the wire could be seen
        } else {
            if (deadline != loop.deadline) { // that has a timer already
                limit();
            }
            loop.sent(this);
        }
    }

    private void arrived(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        if (isEnded()) {
            return;
        }
        try {
            long now = loop.now();
            loop.callbacks.execute(() -> answered(response, fault, now));
        } catch (Throwable broken) { // the ticker; nobody would ever hear of this answer
            loop.callbacks.execute(() -> loop.abort(broken));
        }
    }

    private void answered(@Nullable InferenceResponse response, @Nullable Throwable fault, long endNanos) {
        try { // not by what the timers use, which would cost every answer one more object
            if (response != null) {
                succeed(response, endNanos);
            } else {
                Throwable cause = fault == null ? endpoint.fault("null for an answer") : fault;
                fail(named(cause), endNanos);
            }
        } catch (Throwable broken) {
            loop.abort(broken);
        }
    }

    private void succeed(InferenceResponse response, long endNanos) {
        if (moves(Stage.SENT, Stage.ENDED)) {
            boolean wins = loop.wins(); // before the place is free for another attempt that now nobody needs
            try {
                endpoint.answered(permission, loop.bytes(), endNanos - startNanos);
                endpoint.latencies.record(endNanos - startNanos);
                tellEnd(wins ? null : new Superseded(), endNanos);
            } finally { // whatever a ticker throws
                if (wins) {
                    loop.succeeded(this, response);
                }
            }
        }
    }

    private void fail(InferenceException error, long endNanos) {
        if (moves(Stage.SENT, Stage.ENDED)) {
            finish(error, endNanos);
            loop.failed(reason, error);
        }
    }

    private InferenceException named(Throwable cause) {
        InferenceException error = endpoint.failures.of(cause, number);
        boolean own = limit != null && error.category() == ErrorCategory.DEADLINE && !loop.deadline.isExpired();
        return own ? endpoint.failures.timeout(loop.now() - startNanos, number) : error;
    }

    /** Its own time-out. */
    private void limit() {
        try {
            timer = loop.out.timer(() -> loop.callbacks.execute(this::timeOut, loop::abort), deadline.remainingNanos());
        } catch (Throwable refused) { // the scheduler is gone, and so is the call's own timer
            fail(endpoint.failures.noTimer(refused, number), loop.now());
            cancelWire();
        }
        if (isEnded()) {
            cancelTimer();
        }
    }

    private void timeOut() {
        if (!loop.deadline.isExpired()) {
            fail(endpoint.failures.timeout(loop.now() - startNanos, number), loop.now());
            cancelWire();
        }
    }

    boolean isEnded() {
        return stage == Stage.ENDED;
    }

    /** Ends it without telling the loop, and stops what is on the wire. */
    void abort(Throwable reason) {
        abortReason = reason;
        if (moves(Stage.WAITING, Stage.ENDED)) {
            endpoint.breaker.release(permission);
            leaveQueue();
            loop.out.giveBack(this.reason);
        } else if (!moves(Stage.STARTING, Stage.ENDED) && moves(Stage.SENT, Stage.ENDED)) {
            finish(reason, loop.now());
            cancelWire();
        }
    }

    private void finish(Throwable error, long endNanos) {
        long nanos = endNanos - startNanos;
        ErrorCategory category = ErrorRules.category(error);
        endpoint.failed(permission, loop.bytes(), nanos, error);
        if (category == ErrorCategory.TIMEOUT || category == ErrorCategory.DEADLINE || error instanceof Superseded) {
            endpoint.latencies.record(nanos); // it took at least that long; a fast failure says nothing
        }
        tellEnd(error, endNanos);
    }

    private void tellEnd(@Nullable Throwable error, long now) {
        cancelTimer();
        endNanos = now;
        if (loop.out.listeners.any()) {
            Timings.Builder timings = new Timings.Builder();
            addTimings(timings);
            loop.out.listeners.tell(CallListener::attemptEnded, event().ended(timings.build(), error));
        }
    }

    private CallEvent event() {
        CallEvent event = CallEvent.started(
                endpoint.source, loop.requestId(), number, loop.request().itemCount());
        return reason == CallEvent.Reason.FIRST ? event : event.because(reason);
    }

    private boolean moves(Stage from, Stage to) {
        return STAGE.compareAndSet(this, from, to);
    }

    private void cancelTimer() {
        Scheduler.Timer pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }

    private void cancelWire() {
        CompletableFuture<InferenceResponse> sent = wire; // or send() sees the end and cancels
        if (sent != null) {
            try {
                sent.cancel(true);
            } catch (Throwable fault) { // the calls must end all the same
                LOG.warn("the transport to {} threw while cancelling", endpoint.source, fault);
            }
        }
    }

    /** Nothing until it has ended. */
    void addTimings(Timings.Builder timings) {
        long end = endNanos;
        if (end == NOT_YET) {
            return;
        }
        long sent = sentNanos;
        long first = firstNanos;
        timings.set(Phase.ATTEMPT, end - startNanos);
        if (sent != NOT_YET) {
            timings.set(Phase.SEND, sent - startNanos);
        }
        if (first != NOT_YET) {
            timings.set(Phase.RECEIVE, end - first);
        }
        if (sent != NOT_YET && first != NOT_YET) {
            timings.set(Phase.WAIT, Math.max(0, first - sent));
        }
    }

    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public int attempt() {
        return number;
    }

    @Override
    public void requestSent() {
        SENT.compareAndSet(this, NOT_YET, loop.now());
    }

    @Override
    public void responseStarted() {
        FIRST.compareAndSet(this, NOT_YET, loop.now());
    }
}
