package io.foretell.testing;

import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Time that stands still until a test moves it: ticker and scheduler in one, for {@code builder.time(clock, clock)}.
 * Thread-safe.
 *
 * <p>Timers run only within {@link #advance} and {@link #jump}, on the thread that calls it, and never within {@link #schedule}.
 */
public final class FakeClock implements Ticker, Scheduler {
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>(Comparator.comparingLong(Pending::due).thenComparingLong(Pending::number));
    private long now;
    private long scheduled;

    private record Pending(long due, long number, Runnable task) {}

    /** A clock that shows 0 ns, without timers. */
    public FakeClock() {}

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized Timer schedule(Runnable task, long delayNanos) {
        Pending added = new Pending(now + Math.max(0, delayNanos), scheduled++, task);
        pending.add(added);
        return () -> remove(added);
    }

    private synchronized void remove(Pending timer) {
        pending.remove(timer);
    }

    /**
     * Moves time forward and runs what becomes due, in the order of time, each timer at its own instant. That holds for
     * timers set meanwhile, too. What a timer throws comes out of here, with the time at that timer's instant.
     *
     * @throws IllegalArgumentException if the duration is negative; zero runs what is due already
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration negative: " + duration);
        }
        long end = nanos() + duration.toNanos();
        while (runNext(end)) {}
    }

    /**
     * Moves time forward as for a process that was stopped and goes on: what became due meanwhile runs afterwards, in the
     * order of time, and sees the time at the end.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public void jump(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration negative: " + duration);
        }
        synchronized (this) {
            now += duration.toNanos();
        }
        advance(Duration.ZERO);
    }

    private boolean runNext(long end) {
        Pending next;
        synchronized (this) {
            next = pending.peek();
            if (next == null || next.due() > end) {
                now = Math.max(now, end);
                return false;
            }
            pending.remove();
            now = Math.max(now, next.due());
        }
        next.task().run();
        return true;
    }

    /** How many timers are set: neither run nor cancelled. */
    public synchronized int pendingTimers() {
        return pending.size();
    }

    /** The time it shows. */
    @Override
    public String toString() {
        return "FakeClock(" + nanos() + " ns)";
    }
}
