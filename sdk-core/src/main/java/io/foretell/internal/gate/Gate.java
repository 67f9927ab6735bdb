package io.foretell.internal.gate;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.LimitPolicy;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint's limits: permits for requests and bytes in flight, a rate, and one queue for what they do not let pass.
 * First come, first served. Thread-safe and lock-free; nothing of its users runs while anybody waits for it.
 *
 * <p>Who has entered must {@link #leave} exactly once.
 */
public final class Gate {
    /** What an attempt that has left says about the load on the endpoint. */
    public enum Outcome {
        /** It was answered. */
        SUCCESS,
        /** It says nothing: it was given up, or refused for a fault of its own. */
        IGNORE,
        /** The endpoint did not keep up: it refused the attempt or did not answer in time. */
        DROPPED
    }

    /** A place in the queue. */
    @FunctionalInterface
    public interface Place {
        /** Leaves the queue. True if it was still waiting: it will then never be granted. */
        boolean cancel();
    }

    /** Instead of the nanoseconds to wait: until another leaves. */
    private static final long FULL = -1;

    private final LimitPolicy policy;
    private final String endpoint;
    private final Scheduler scheduler;
    private final InFlightLimit limit;
    private final Permits permits;
    private final @Nullable Rate rate;

    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();

    /** The places in the queue: it holds no more bytes than may be in flight. */
    private final Permits places;

    /** Only who raises it from zero serves the queue and asks for the rate; who raises it further makes him look again. */
    private final AtomicInteger turn = new AtomicInteger();

    private volatile boolean waking;
    private Scheduler.@Nullable Timer wake;

    public Gate(LimitPolicy policy, String endpoint, Ticker ticker, Scheduler scheduler) {
        this.policy = policy;
        this.endpoint = endpoint;
        this.scheduler = scheduler;
        this.limit = new InFlightLimit(policy);
        this.permits = new Permits(policy.maxInFlightBytes());
        this.places = new Permits(policy.maxInFlightBytes());
        this.rate = Rate.of(policy, endpoint, ticker);
    }

    /** Enters at once, or not: where the limits do not let it, or others wait. */
    public boolean tryEnter(long bytes) {
        if (queued() > 0) {
            return false;
        }
        return rate == null ? permits.take(bytes, limit.now()) : tryEnterInTurn(bytes);
    }

    private boolean tryEnterInTurn(long bytes) {
        if (!turn.compareAndSet(0, 1)) {
            return false;
        }
        boolean entered = queued() == 0 && admit(bytes) == 0;
        int missed = turn.decrementAndGet();
        if (missed > 0) {
            serve(missed, false);
        }
        return entered;
    }

    /**
     * Waits for its turn, behind all that wait already.
     *
     * @param granted runs once when it has entered, unless the place is cancelled before; on the thread that frees a
     *     place or the scheduler's, possibly before this returns but never within this. It must not block
     * @throws InferenceException of category {@code LOCAL_REJECTED} if the queue is full, or the rate does not let it
     *     enter before the deadline
     */
    public Place enqueue(long bytes, Deadline deadline, Runnable granted) {
        checkRate(deadline);
        takePlace(bytes);
        Waiter waiter = new Waiter(bytes, granted);
        queue.add(waiter);
        serve(false);
        return waiter;
    }

    private void checkRate(Deadline deadline) {
        if (rate != null) {
            long wait = rate.waitBehind(queued());
            long left = deadline.remainingNanos();
            if (wait > left) {
                throw rejected("the rate limit (" + rate + ") lets this request start in " + millis(wait)
                        + " at the earliest, later than its deadline in " + millis(left)
                        + ": send less, or raise the limit or the timeout");
            }
        }
    }

    private void takePlace(long bytes) {
        if (!places.take(bytes, policy.maxQueued())) {
            throw rejected(permits.describe(limit()) + " are in flight, "
                    + (rate == null ? "" : rate + " may start, ")
                    + "and " + places.describe(policy.maxQueued())
                    + " wait: send less, add endpoints, or raise the limits of LimitPolicy");
        }
    }

    private InferenceException rejected(String why) {
        return InferenceException.of(ErrorCategory.LOCAL_REJECTED)
                .endpoint(endpoint)
                .message("endpoint " + endpoint + ": " + why)
                .build();
    }

    private static String millis(long nanos) {
        return nanos / 1_000 / 1e3 + " ms";
    }

    /** Gives the place to the next. */
    public void leave(long bytes, Outcome outcome, long nanos) {
        limit.learn(outcome, nanos, permits.requests());
        permits.give(bytes);
        if (queued() > 0) {
            serve(true);
        }
    }

    /** How many have entered and not left. */
    public int inFlight() {
        return permits.requests();
    }

    /** How many may be in flight at once now. */
    public int limit() {
        return limit.now();
    }

    /** How many wait. */
    public int queued() {
        return places.requests();
    }

    /** Lets in who may enter. What is granted runs here, or else on the scheduler. */
    private void serve(boolean here) {
        if (turn.getAndIncrement() == 0) {
            serve(1, here);
        }
    }

    private void serve(int seen, boolean here) {
        List<Runnable> granted = new ArrayList<>();
        int missed = seen;
        do {
            admitWaiting(granted);
            missed = turn.addAndGet(-missed);
        } while (missed > 0);
        if (!granted.isEmpty() && (here || later(() -> Grants.run(granted), 0) == null)) {
            Grants.run(granted);
        }
    }

    private void admitWaiting(List<Runnable> granted) {
        for (Waiter head = queue.peek(); head != null; head = queue.peek()) {
            long wait = admit(head.bytes);
            if (wait == FULL) {
                return;
            } else if (wait > 0) {
                wakeAfter(wait);
                return;
            } else if (head.leaveQueue()) {
                granted.add(head.granted);
            } else {
                giveBack(head.bytes);
            }
        }
        stopWaking();
    }

    /** Zero if it has entered, else {@link #FULL} or how many nanoseconds to wait for the rate. Only in turn. */
    private long admit(long bytes) {
        // The rate last: what it has given cannot be given back.
        if (!permits.take(bytes, limit.now())) {
            return FULL;
        }
        long wait = rate == null ? 0 : rate.take();
        if (wait > 0) {
            permits.give(bytes);
        }
        return wait;
    }

    private void giveBack(long bytes) {
        permits.give(bytes);
        if (rate != null) {
            rate.keep();
        }
    }

    private void wakeAfter(long nanos) {
        if (!waking) {
            waking = true;
            wake = later(this::wake, nanos);
            waking = wake != null; // else the next to come asks again
        }
    }

    private void wake() {
        waking = false;
        serve(true);
    }

    private void stopWaking() {
        if (waking && wake != null) {
            waking = false;
            wake.cancel();
        }
    }

    /** Null where the scheduler takes no timer. */
    private Scheduler.@Nullable Timer later(Runnable task, long nanos) {
        try {
            return scheduler.schedule(task, nanos);
        } catch (Throwable refused) {
            return null;
        }
    }

    /** Leaves the queue once, granted or cancelled. */
    private final class Waiter implements Place {
        final long bytes;
        final Runnable granted;
        private final AtomicBoolean left = new AtomicBoolean();

        Waiter(long bytes, Runnable granted) {
            this.bytes = bytes;
            this.granted = granted;
        }

        boolean leaveQueue() {
            if (!left.compareAndSet(false, true)) {
                return false;
            }
            queue.remove(this);
            places.give(bytes);
            return true;
        }

        @Override
        public boolean cancel() {
            if (!leaveQueue()) {
                return false;
            }
            serve(false);
            return true;
        }
    }
}
