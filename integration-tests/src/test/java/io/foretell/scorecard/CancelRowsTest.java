package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a call that is given up leaves behind. */
@Tag("scorecard")
@Timeout(300)
class CancelRowsTest {
    /** Fewer than a bulkhead of resilience4j's has permits. */
    private static final int CALLS = 20;

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration BOUND = Duration.ofMillis(50);

    /** How long an anchor may take before it is said not to have told the server. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private record Seen(long cancels, Duration took) {
        @Override
        public String toString() {
            return cancels + " of " + CALLS + " in " + took.toMillis() + " ms";
        }
    }

    @ParameterizedTest
    @EnumSource
    void cancel_inFlight_isSeenByTheServer(Target.Protocol protocol) throws Exception {
        Scorecard.row("A9", "cancel in flight, " + protocol, row -> {
            row.inject("sandbox");
            try (Target target = protocol.start()) {
                target.play(FaultPlan.always(Fault.silence()));
                ours(row, target);
                for (Anchor anchor : target.anchors(LONG)) {
                    try (anchor) {
                        row.anchor(anchor.name(), cancelled(target, PATIENCE, call -> anchor.call()));
                    }
                }
            }
        });
    }

    private static void ours(Row row, Target target) {
        Ledger ledger = new Ledger(CALLS);
        cancelledByUs(target, new Ledger(CALLS)); // The JVM's first cancel takes as long as all that follow.
        target.forget();
        Seen seen = cancelledByUs(target, ledger);
        row.exactly("cancels seen", CALLS, seen.cancels());
        row.within("all seen", BOUND, seen.took());
        row.exactly("cancelled", CALLS, ledger.count(Outcome.CANCELLED));
        ledger.balance(row, target::requests);
    }

    private static Seen cancelledByUs(Target target, Ledger ledger) {
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                target.predictor(ledger).timeout(LONG).build()) {
            return cancelled(target, Scorecard.GUARD, call -> ledger.enter(call, predictor.predictAsync(Target.INPUT)));
        }
    }

    /** Makes the calls, cancels them when all have arrived, and waits until the server has noticed. */
    private static Seen cancelled(Target target, Duration patience, IntFunction<CompletableFuture<?>> call) {
        long arrived = target.requests() + CALLS;
        long before = target.abandoned();
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(call.apply(i));
        }
        Eventually.counts(arrived, target::requests, Scorecard.GUARD);
        long start = System.nanoTime();
        calls.forEach(each -> each.cancel(true));
        long seen = Eventually.counts(CALLS, () -> target.abandoned() - before, patience);
        return new Seen(seen, Duration.ofNanos(System.nanoTime() - start));
    }
}
