package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Timings;
import io.foretell.internal.gate.Gate;
import io.foretell.internal.gate.Readings;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One wire try of a request at one endpoint: through the limits, onto the wire, to its one end. Holds the breaker's
 * permission from its making and a place in the limits from its entry, and gives both back exactly once.
 */
final class Attempt implements CallContext {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final AtomicIntegerFieldUpdater<Attempt> STAGE =
            AtomicIntegerFieldUpdater.newUpdater(Attempt.class, "stage");

    /** Before the limits, or in their queue. */
    private static final int WAITING = 0;

    /** The listeners are being told of the start. */
    private static final int STARTING = 1;

    /** With the transport. */
    private static final int SENT = 2;

    private static final int ENDED = 3;

    final Endpoint endpoint;
    private final AttemptLoop loop;
    private final long permission;
    final CallEvent.Reason reason;
    private final @Nullable Progress progress;
    private volatile int stage;
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
        this.progress = loop.pass.isTimed() ? new Progress() : null;
        this.deadline = loop.pass.deadline();
    }

    /** Passes the limits, at once or from their queue, and sends. */
    void enter(long now) {
        if (endpoint.gate.tryEnter(loop.bytes())) {
            entered(now);
            return;
        }
        try {
            place = endpoint.gate.enqueue(
                    loop.bytes(), deadline, () -> loop.pass.callbacks().execute(() -> granted(now), loop::abort));
        } catch (InferenceException full) {
            refuse(full);
            return;
        }
        if (isEnded()) { // aborted before the place could be seen
            leaveQueue();
        }
    }

    private void granted(long before) {
        long now = loop.now();
        loop.note(history -> history.withQueued(now - before));
        if (loop.isBeyondHelp() && moves(WAITING, ENDED)) {
            endpoint.breaker.release(permission);
            loop.out.giveBack(reason);
        } else if (reason != CallEvent.Reason.FIRST && loop.isTooLate(endpoint)) {
            endpoint.gate.leave(loop.bytes(), Gate.Outcome.IGNORE, 0);
            refuse(endpoint.failures.tooLate());
            return;
        }
        entered(now);
    }

    private void refuse(InferenceException error) {
        if (moves(WAITING, ENDED)) {
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

    private void entered(long now) {
        if (!moves(WAITING, STARTING)) {
            endpoint.gate.leave(loop.bytes(), Gate.Outcome.IGNORE, 0);
            return;
        }
        number = loop.note(history -> history.withSent(reason)).reasons().size();
        startNanos = now;
        if (progress != null) {
            progress.started(now);
        }
        Duration limit = limit();
        if (limit != null) { // not before: a wait on this side is no fault of the endpoint
            deadline = Deadline.after(limit, loop.out.policies.ticker()).min(loop.pass.deadline());
        }
        if (loop.out.listeners.any()) {
            loop.out.listeners.tell(CallListener::attemptStarted, event());
        }
        if (moves(STARTING, SENT)) {
            send();
        } else { // aborted meanwhile; no end comes before its start
            finish(abortReason == null ? new CancellationException() : abortReason, endNow());
        }
    }

    /** How long it may be out, as far as that is not the call's affair; null for no limit. */
    private @Nullable Duration limit() {
        return loop.out.attemptTimeout(endpoint.breaker.isProbe(permission));
    }

    private void send() {
        CompletableFuture<InferenceResponse> sent = endpoint.send(loop.request(), this);
        wire = sent;
        if (sent.isDone() && !sent.isCompletedExceptionally()) { // without the weight of one more future
            arrived(sent.getNow(null), null);
        } else {
            sent.whenComplete(this::arrived);
        }
        if (isEnded()) {
            cancelWire(); // aborted before the wire could be seen
        } else {
            if (deadline != loop.pass.deadline()) { // that has a timer already
                limitInTime();
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
            if (loop.pass.callbacks().isHere()) {
                answered(response, fault, now);
            } else {
                loop.pass.callbacks().execute(new Arrival(response, fault, now));
            }
        } catch (Throwable broken) { // the ticker; nobody would ever hear of this answer
            loop.pass.callbacks().execute(() -> loop.abort(broken));
        }
    }

    /** An answer on its way to the callbacks. */
    private final class Arrival extends Callbacks.Task {
        private final @Nullable InferenceResponse response;
        private final @Nullable Throwable fault;
        private final long nanos;

        Arrival(@Nullable InferenceResponse response, @Nullable Throwable fault, long nanos) {
            super(loop.pass.callbacks());
            this.response = response;
            this.fault = fault;
            this.nanos = nanos;
        }

        @Override
        void callBack() {
            answered(response, fault, nanos);
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
        if (moves(SENT, ENDED)) {
            boolean wins = loop.wins(); // before the place is free for another attempt that now nobody needs
            try {
                endpoint.answered(permission, loop.bytes(), endNanos - startNanos);
                endpoint.latencies.record(endNanos - startNanos, endNanos);
                tellEnd(wins ? null : new Superseded(), endNanos);
            } finally { // whatever a timer throws
                if (wins) {
                    loop.succeeded(this, response, endNanos);
                }
            }
        }
    }

    private void fail(InferenceException error, long endNanos) {
        if (moves(SENT, ENDED)) {
            finish(error, endNanos);
            loop.failed(reason, error);
        }
    }

    private InferenceException named(Throwable cause) {
        InferenceException error = endpoint.failures.of(cause, number);
        boolean own = error.category() == ErrorCategory.DEADLINE
                && limit() != null
                && !loop.pass.deadline().isExpired();
        return own ? endpoint.failures.timeout(loop.now() - startNanos, number) : error;
    }

    /** Its own time-out. */
    private void limitInTime() {
        try {
            timer = loop.out.timer(
                    () -> loop.pass.callbacks().execute(this::timeOut, loop::abort), deadline.remainingNanos());
        } catch (Throwable refused) { // the scheduler is gone, and so is the call's own timer
            fail(endpoint.failures.noTimer(refused, number), endNow());
            cancelWire();
        }
        if (isEnded()) {
            cancelTimer();
        }
    }

    private void timeOut() {
        if (!loop.pass.deadline().isExpired()) {
            fail(endpoint.failures.timeout(loop.now() - startNanos, number), loop.now());
            cancelWire();
        }
    }

    boolean isEnded() {
        return stage == ENDED;
    }

    /** Ends it without telling the loop, and stops what is on the wire. */
    void abort(Throwable reason) {
        abortReason = reason;
        if (moves(WAITING, ENDED)) {
            endpoint.breaker.release(permission);
            leaveQueue();
            loop.out.giveBack(this.reason);
        } else if (!moves(STARTING, ENDED) && moves(SENT, ENDED)) {
            try {
                finish(reason, endNow());
            } finally { // whatever a timer of the user's throws
                cancelWire();
            }
        }
    }

    private long endNow() {
        return Readings.nowOr(startNanos, loop.out.policies.ticker());
    }

    private void finish(Throwable error, long endNanos) {
        long nanos = endNanos - startNanos;
        ErrorCategory category = ErrorRules.category(error);
        endpoint.failed(permission, loop.bytes(), nanos, error);
        if (category == ErrorCategory.TIMEOUT || category == ErrorCategory.DEADLINE || error instanceof Superseded) {
            endpoint.latencies.record(nanos, endNanos); // it took at least that long; a fast failure says nothing
        }
        tellEnd(error, endNanos);
    }

    private void tellEnd(@Nullable Throwable error, long now) {
        cancelTimer();
        if (progress != null) {
            progress.ended(now);
        }
        if (loop.out.listeners.any()) {
            Timings.Builder timings = new Timings.Builder();
            addTimings(timings);
            loop.out.listeners.tell(CallListener::attemptEnded, event().ended(timings.build(), error));
        }
    }

    private CallEvent event() {
        CallEvent event = CallEvent.started(
                endpoint.source, loop.pass.id(), number, loop.request().itemCount());
        return reason == CallEvent.Reason.FIRST ? event : event.because(reason);
    }

    private boolean moves(int from, int to) {
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
        if (sent != null && !sent.isDone()) {
            try {
                sent.cancel(true);
            } catch (Throwable fault) { // the calls must end all the same
                LOG.warn("the transport to {} threw while cancelling", endpoint.source, fault);
            }
        }
    }

    /** Nothing until it has ended. */
    void addTimings(Timings.Builder timings) {
        if (progress != null) {
            progress.addTimings(timings);
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
        if (progress != null) {
            progress.sent(loop.now());
        }
    }

    @Override
    public void responseStarted() {
        if (progress != null) {
            progress.first(loop.now());
        }
    }
}
