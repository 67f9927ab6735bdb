package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent.Reason;
import io.foretell.event.Timings;
import io.foretell.internal.gate.Breaker;
import io.foretell.time.Scheduler;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attempts of one request: the first, those that follow a failure, and one beside it where it is slow. Ends exactly
 * once: with the first success, the last failure, or an abort.
 *
 * <p>Every attempt that is out counts in {@code live}. Who takes it to zero owns the next step and the plain fields, so
 * one thread decides what follows a failure, and never while a hedge is out.
 */
final class AttemptLoop {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptLoop.class);
    private static final long LEAST_NANOS = 1_000_000;
    private static final AtomicIntegerFieldUpdater<AttemptLoop> OVER =
            AtomicIntegerFieldUpdater.newUpdater(AttemptLoop.class, "over");
    private static final AtomicIntegerFieldUpdater<AttemptLoop> LIVE =
            AtomicIntegerFieldUpdater.newUpdater(AttemptLoop.class, "live");
    private static final VarHandle HISTORY = history(MethodHandles.lookup());
    private static final AtomicReferenceFieldUpdater<AttemptLoop, Wait> BACKING_OFF =
            AtomicReferenceFieldUpdater.newUpdater(AttemptLoop.class, Wait.class, "backingOff");
    private static final AtomicReferenceFieldUpdater<AttemptLoop, Scheduler.Timer> HEDGE_TIMER =
            AtomicReferenceFieldUpdater.newUpdater(AttemptLoop.class, Scheduler.Timer.class, "hedgeTimer");

    final Outbound out;
    final RequestPass<?, ?> pass;
    private final InferenceRequest request;
    private final long bytes;
    private final List<Endpoint> candidates;
    private final Delivery delivery;

    private volatile int over;
    private volatile int live;
    private volatile @Nullable Attempt current;
    private volatile @Nullable Attempt hedge;
    private volatile @Nullable Wait backingOff;
    private volatile Scheduler.@Nullable Timer hedgeTimer;

    /** Behind {@code HISTORY}, as if volatile; a volatile field would cost a fence for its first value alone. */
    private History history = History.NONE;

    private @Nullable Endpoint last;

    private static VarHandle history(MethodHandles.Lookup lookup) {
        try {
            return lookup.findVarHandle(AttemptLoop.class, "history", History.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    AttemptLoop(Outbound out, RequestPass<?, ?> pass, InferenceRequest request, Delivery delivery) {
        this.out = out;
        this.pass = pass;
        this.request = request;
        this.delivery = delivery;
        this.bytes = request.payload().byteLength();
        this.candidates = out.draw();
    }

    void run(long now) {
        LIVE.lazySet(this, 1); // nobody else can know an attempt yet
        launch(Reason.FIRST, now);
    }

    /** Puts one more attempt out, which is counted in {@code live} already. */
    private void launch(Reason reason, long now) {
        Attempt next = admit(reason);
        if (next == null) {
            notMade(reason, out.breakersOpen(candidates));
            return;
        }
        if (reason == Reason.HEDGE) {
            hedge = next;
        } else {
            current = next;
        }
        if (isOver()) { // given up before it could be seen
            next.abort(new CancellationException());
        } else {
            next.enter(now);
        }
    }

    /** At the first endpoint whose breaker lets it, if possible another than the last. */
    private @Nullable Attempt admit(Reason reason) {
        Endpoint before = last;
        for (Endpoint endpoint : candidates) {
            Attempt attempt = endpoint == before ? null : admit(endpoint, reason);
            if (attempt != null) {
                return attempt;
            }
        }
        return before == null ? null : admit(before, reason);
    }

    private @Nullable Attempt admit(Endpoint endpoint, Reason reason) {
        long permission = endpoint.breaker.tryAcquire();
        if (permission == Breaker.REFUSED) {
            return null;
        }
        last = endpoint;
        return new Attempt(this, endpoint, permission, reason);
    }

    InferenceRequest request() {
        return request;
    }

    long bytes() {
        return bytes;
    }

    long now() {
        return out.policies.ticker().nanos();
    }

    History history() {
        return (History) HISTORY.getVolatile(this);
    }

    /** Notes what has happened, and gives all that has. */
    History note(UnaryOperator<History> change) {
        History before;
        History after;
        do {
            before = history();
            after = change.apply(before);
        } while (!HISTORY.compareAndSet(this, before, after));
        return after;
    }

    /** An attempt is with the transport, which has not answered yet. */
    void sent(Attempt attempt) {
        if (attempt.isEnded() || attempt.reason == Reason.HEDGE || !pass.isIdempotent()) {
            return;
        }
        long delay = out.hedgeDelay(attempt.endpoint);
        if (delay >= 0 && HEDGE_TIMER.compareAndSet(this, null, Timers.NONE)) { // one for each request
            setHedgeTimer(attempt, delay);
        }
    }

    private void setHedgeTimer(Attempt attempt, long delay) {
        try {
            Scheduler.Timer timer = out.timer(() -> pass.callbacks().execute(() -> hedge(attempt), this::abort), delay);
            hedgeTimer = timer;
            if (isOver() || attempt.isEnded()) {
                timer.cancel();
            }
        } catch (Throwable refused) { // the scheduler is gone
            LOG.debug("no hedge at {}: no timer", attempt.endpoint.source, refused);
        }
    }

    /** Joins first: an attempt that is out after that keeps all that follows a failure from beginning. */
    private void hedge(Attempt slow) {
        if (isOver() || !joinsLive()) {
            return;
        }
        if (!slow.isEnded() && !out.closing && mayHedge()) {
            launch(Reason.HEDGE, now());
        } else {
            left();
        }
    }

    private boolean mayHedge() {
        return hasTimeFor(0) && out.rules.hasAttemptsLeft(history()) && out.paysHedge();
    }

    /** Not once all that were out have failed: what follows is theirs. */
    private boolean joinsLive() {
        return LIVE.getAndUpdate(this, before -> before == 0 ? 0 : before + 1) > 0;
    }

    /** True for the one that ends it: an attempt that has an answer must then hand it over. */
    boolean wins() {
        return OVER.compareAndSet(this, 0, 1);
    }

    void succeeded(Attempt winner, InferenceResponse response, long now) {
        Attempt other = hedge;
        if (other == winner) {
            other = current;
            current = winner;
        }
        try {
            out.paid(now);
            cancel(hedgeTimer);
            if (other != null) {
                other.abort(new Superseded());
            }
        } finally { // whatever a timer throws
            delivery.ended(response, null);
        }
    }

    /** One was not let out. */
    void notMade(Reason reason, InferenceException why) {
        out.giveBack(reason);
        failed(reason, why);
    }

    /** One that was out has failed, or was not let out. */
    void failed(Reason reason, InferenceException error) {
        note(before -> before.withFailure(reason, error));
        left();
    }

    private void left() {
        if (LIVE.decrementAndGet(this) == 0 && !isOver()) {
            cancel(hedgeTimer);
            next();
        }
    }

    private void next() {
        History known = history();
        boolean idempotent = pass.isIdempotent();
        if (known.refused() || out.closing) {
            fail(false);
        } else if (out.rules.mayRepeatFree(known, idempotent) && hasTimeFor(0)) {
            again(Reason.TRANSPARENT);
        } else if (out.rules.mayRetry(known, idempotent)) {
            backOff(out.rules.backoff(known));
        } else {
            fail(false);
        }
    }

    /** Whether an attempt that begins after a wait could be answered in time. */
    private boolean hasTimeFor(long wait) {
        return pass.deadline().remainingNanos() - wait >= Math.max(out.usualNanos(candidates, last), LEAST_NANOS);
    }

    /** Whether it is too late to send, after a wait in the queue of an endpoint, an attempt that is not the first. */
    boolean isTooLate(Endpoint endpoint) {
        long usual = endpoint.latencies.percentile(50);
        return out.closing || pass.deadline().remainingNanos() < Math.max(usual, LEAST_NANOS);
    }

    private void backOff(long nanos) {
        if (!hasTimeFor(nanos)) {
            fail(false);
        } else if (!out.budget.withdraw()) {
            fail(true);
        } else if (nanos == 0) {
            again(Reason.RETRY);
        } else {
            note(before -> before.withBackoff(nanos));
            startBackoff(nanos);
        }
    }

    private void startBackoff(long nanos) {
        Wait wait = new Wait();
        backingOff = wait;
        try {
            wait.timer = out.timer(() -> pass.callbacks().execute(() -> retry(wait), this::abort), nanos);
        } catch (Throwable refused) { // the scheduler is gone
            stopBackingOff();
        }
        if (out.closing) {
            stopBackingOff();
        }
        if (isOver() && BACKING_OFF.compareAndSet(this, wait, null)) {
            out.giveBack(Reason.RETRY);
        }
        if (backingOff != wait) {
            wait.cancel();
        }
    }

    private void retry(Wait wait) {
        if (!BACKING_OFF.compareAndSet(this, wait, null) || isOver()) {
            return;
        }
        if (hasTimeFor(0) && !out.closing) {
            again(Reason.RETRY);
        } else { // its timer was late, or a close as early
            out.giveBack(Reason.RETRY);
            fail(false);
        }
    }

    private void again(Reason reason) {
        note(History::withAllFollowed);
        live = 1;
        launch(reason, now());
    }

    /** No attempt follows any more; one that is out may still end. */
    void stopBackingOff() {
        if (endWait()) {
            fail(false);
        }
    }

    private boolean endWait() {
        Wait wait = BACKING_OFF.getAndSet(this, null);
        if (wait == null) {
            return false;
        }
        wait.cancel();
        out.giveBack(Reason.RETRY);
        return true;
    }

    private void fail(boolean budgetRefused) {
        if (wins()) {
            delivery.ended(null, history().failure(budgetRefused));
        }
    }

    boolean isOver() {
        return over != 0;
    }

    /** Whether an attempt that has waited for its place comes too late: all is over, or a timer that ends it is due. */
    boolean isBeyondHelp() {
        return isOver() || out.givenUp || pass.deadline().isExpired();
    }

    /** Gives up: nothing is sent any more, and what is on the wire is stopped. */
    void abort(Throwable reason) {
        if (wins()) {
            try {
                endWait();
                cancel(hedgeTimer);
                abort(current, reason);
                abort(hedge, reason);
            } finally { // whatever a ticker throws
                delivery.ended(null, reason);
            }
        }
    }

    /** Of the endpoint that the attempt is at that counts. */
    @Nullable
    Failures failures() {
        Attempt counting = current;
        return counting == null ? null : counting.endpoint.failures;
    }

    private static void abort(@Nullable Attempt attempt, Throwable reason) {
        if (attempt != null) {
            attempt.abort(reason);
        }
    }

    private static void cancel(Scheduler.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** The waits so far, and the phases of the attempt that counts. */
    void addTimings(Timings.Builder timings, long batchedNanos) {
        history().addTimings(timings, batchedNanos);
        Attempt counting = current;
        if (counting != null) {
            counting.addTimings(timings);
        }
    }
}
