package io.foretell.testing;

import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Decides request by request what a sandbox does to it, for as long as it is played. Must be thread-safe: requests that
 * arrive at the same time are asked for at the same time.
 *
 * <pre>{@code
 * sandbox.play(FaultPlan.random(0.05, Fault.status("503", ""), seed).orElse(Fault.delay(Duration.ofMillis(10))));
 * }</pre>
 */
@FunctionalInterface
public interface FaultPlan {
    /**
     * What to do to a request; null to answer it as usual. A fault's times do not matter here.
     *
     * @param request the request's number since the plan is played, from 0
     */
    @Nullable
    Fault fault(long request);

    /** Answers every request as usual. */
    static FaultPlan none() {
        return request -> null;
    }

    /** Does the same to every request. */
    static FaultPlan always(Fault fault) {
        Objects.requireNonNull(fault, "fault");
        return request -> fault;
    }

    /**
     * Does it to a share of the requests, chosen by their numbers: the same seed chooses the same numbers.
     *
     * @param probability of each request to be chosen, on its own
     * @throws IllegalArgumentException if the probability is not from 0 to 1
     */
    static FaultPlan random(double probability, Fault fault, long seed) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability not from 0 to 1: " + probability);
        }
        Objects.requireNonNull(fault, "fault");
        return request -> new SplittableRandom(seed + request).nextDouble() < probability ? fault : null;
    }

    /** Does this to the requests that the plan would answer as usual. */
    default FaultPlan orElse(Fault fault) {
        Objects.requireNonNull(fault, "fault");
        return request -> Objects.requireNonNullElse(fault(request), fault);
    }
}
