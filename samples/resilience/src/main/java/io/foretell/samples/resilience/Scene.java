package io.foretell.samples.resilience;

import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.List;

/**
 * What the endpoint does for a while.
 *
 * @param calls how many calls are made meanwhile
 */
record Scene(String name, FaultPlan plan, int calls) {
    private static final long SEED = 1;

    /** Trouble of three kinds between two spells of health, which have this many calls each. */
    static List<Scene> all(int calls) {
        Fault usual = Fault.delay(Duration.ofMillis(10));
        Fault slow = Fault.delay(Duration.ofMillis(300));
        Fault throttled = Fault.error(429, "ThrottlingException", "{\"message\":\"slow down\"}")
                .pushback(Duration.ofMillis(500));
        Fault down = Fault.status("503", "");
        return List.of(
                new Scene("healthy", FaultPlan.always(usual), calls),
                new Scene("slow", FaultPlan.always(slow), calls),
                new Scene("throttled", FaultPlan.random(0.3, throttled, SEED).orElse(usual), calls),
                new Scene("down", FaultPlan.always(down), calls),
                new Scene("recovering", FaultPlan.always(usual), calls));
    }
}
