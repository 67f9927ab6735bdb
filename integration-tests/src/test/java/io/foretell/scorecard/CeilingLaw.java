package io.foretell.scorecard;

import io.foretell.policy.RetryPolicy;
import java.time.Duration;

/**
 * What the default retry policy can make of a load where each attempt fails with the same chance. Every success ends a
 * call and pays for a part of a retry, so with {@code n} calls, {@code b} retries that the budget grants unearned, {@code
 * r} earned by a success and {@code p} failing
 *
 * <pre>
 *     successes = (1 - p) (n + retries)       retries <= b + r successes
 * </pre>
 *
 * <p>and where the budget is used up {@code successes = (1 - p) (n + b) / (1 - r (1 - p))}. Where it is not, a call fails
 * when all of its attempts do.
 */
record CeilingLaw(int calls, double unearned, double failing) {
    private static final RetryPolicy POLICY = RetryPolicy.defaults();

    static CeilingLaw of(OpenLoad load, Duration took, double failing) {
        return new CeilingLaw(load.calls(), unearned(took), failing);
    }

    /** A second that has begun counts in full. */
    private static double unearned(Duration took) {
        return POLICY.budgetInitial() + POLICY.budgetPerSecond() * Math.ceil(took.toMillis() / 1e3);
    }

    /** What no number of retries may exceed, given the successes. */
    static double retries(Duration took, long successes) {
        // The second that the budget was made in, and that of the last retry, are begun as well.
        return unearned(took.plusSeconds(1)) + POLICY.budgetRatio() * successes;
    }

    /** What is more than this is not within the budget. */
    static double maxRequestsPerCall(OpenLoad load, Duration took, long successes) {
        return 1 + retries(took, successes) / load.calls();
    }

    double successPercent() {
        double works = 1 - failing;
        double paid = works * (calls + unearned) / (1 - POLICY.budgetRatio() * works);
        double tried = calls * (1 - Math.pow(failing, POLICY.maxAttempts()));
        return 100 * Math.min(paid, tried) / calls;
    }
}
