package io.foretell.scorecard;

import io.foretell.testing.FaultPlan;
import java.time.Duration;

/** What others make of a fault that plays for as long as they are looked at. */
final class Alternatives {
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(5));

    private Alternatives() {}

    /** Enters for each alternative how many of its calls succeed, and how many requests it takes for them. */
    static void compare(Row row, Target target, FaultPlan plan, int perSecond) {
        for (Anchor anchor : target.anchors(Trial.DEADLINE)) {
            try (anchor) {
                target.play(plan);
                row.anchor(anchor.name(), figures(target, anchor, perSecond));
            }
        }
    }

    private static String figures(Target target, Anchor anchor, int perSecond) {
        target.forget();
        OpenLoad load = OpenLoad.of(perSecond, LOAD);
        Ledger ledger = new Ledger(load.calls());
        load.run(ledger, call -> anchor.call());
        ledger.settle();
        return "%.1f %% succeed, %.2f requests a call"
                .formatted(
                        100.0 * ledger.count(Outcome.SUCCESS) / load.calls(),
                        (double) target.requests() / load.calls());
    }
}
