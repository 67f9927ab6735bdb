package io.foretell.internal.gate;

import io.foretell.policy.LimitPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many requests may be in flight: fixed, or between two bounds by additive increase and multiplicative decrease.
 * Lock-free.
 */
final class InFlightLimit {
    private static final int USUAL_START = 20;
    private static final double DECREASE = 0.9;

    private final int min;
    private final int max;
    private final long slowNanos;

    /** The bits of a double: the limit grows by fractions. */
    private final AtomicLong limit;

    InFlightLimit(LimitPolicy policy) {
        this.min = policy.minInFlight();
        this.max = policy.maxInFlight();
        this.slowNanos = TimeUnit.NANOSECONDS.convert(policy.slowAfter());
        int start = policy.adaptive() ? Math.max(min, Math.min(max, USUAL_START)) : max;
        this.limit = new AtomicLong(Double.doubleToRawLongBits(start));
    }

    int now() {
        return (int) Double.longBitsToDouble(limit.get());
    }

    /** An attempt ended, when so many were in flight, itself included. */
    void learn(Gate.Outcome outcome, long nanos, int inFlight) {
        if (min == max || outcome == Gate.Outcome.IGNORE) {
            return;
        }
        boolean lower = outcome == Gate.Outcome.DROPPED || nanos > slowNanos;
        limit.updateAndGet(bits -> {
            double now = Double.longBitsToDouble(bits);
            return Double.doubleToRawLongBits(lower ? lowered(now) : raised(now, inFlight));
        });
    }

    private double lowered(double now) {
        return Math.max(min, now * DECREASE);
    }

    /** By one for each limit's worth of successes. A limit that is not used teaches nothing. */
    private double raised(double now, int inFlight) {
        return inFlight * 2 < (int) now ? now : Math.min(max, now + 1 / now);
    }
}
