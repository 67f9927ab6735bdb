package io.foretell.scorecard;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.policy.LimitPolicy;

/**
 * How many attempts are out, and how many may be by the words of {@link LimitPolicy.Builder#adaptive}: an attempt that is
 * late lowers the limit. For load on one thread, where nothing else fails.
 */
final class InFlight extends CallListener {
    private static final double DECREASE = 0.9;

    private final LimitPolicy policy;
    private double limit;
    private int now;
    private int most;
    private long beyond;

    InFlight(LimitPolicy policy) {
        this.policy = policy;
        this.limit = policy.adaptive() ? 20 : policy.maxInFlight();
    }

    @Override
    public void attemptStarted(CallEvent event) {
        now++;
        most = Math.max(most, now);
        beyond += now > (int) limit ? 1 : 0;
    }

    @Override
    public void attemptEnded(CallEvent event) {
        boolean late = event.error() != null
                || event.timings().nanos(Phase.ATTEMPT) > policy.slowAfter().toNanos();
        if (policy.adaptive()) {
            limit = late ? Math.max(policy.minInFlight(), limit * DECREASE) : raised();
        }
        now--;
    }

    private double raised() {
        return now * 2 < (int) limit ? limit : Math.min(policy.maxInFlight(), limit + 1 / limit);
    }

    double limit() {
        return limit;
    }

    /** The most that were out at once. */
    int most() {
        return most;
    }

    /** How many started beyond the limit. */
    long beyond() {
        return beyond;
    }
}
