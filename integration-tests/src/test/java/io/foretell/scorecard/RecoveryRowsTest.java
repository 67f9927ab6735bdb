package io.foretell.scorecard;

import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that refuses everything for a while. */
@Tag("scorecard")
@Timeout(600)
class RecoveryRowsTest {
    private static final int PER_SECOND = Scorecard.quick(200, 500);
    private static final Duration OUTAGE = Scorecard.quick(Duration.ofSeconds(2), Duration.ofSeconds(60));
    private static final Duration AFTERWARDS = Scorecard.quick(Duration.ofSeconds(3), Duration.ofSeconds(10));
    private static final Duration SERVICE = Duration.ofMillis(10);

    /** The default, and a tenth of it where the outage is too short for that. */
    private static final Duration OPEN = BreakerPolicy.defaults().openFor().dividedBy(Scorecard.quick(10, 1));

    /** About 110 to open, and 5 probes each time it is half open; what is in flight when it opens comes on top. */
    private static final int MAX_REQUESTS = 300;

    /** A server that is out, until it is healed. */
    private static final class Outage {
        private final Target target;
        private final int until;
        private volatile long requests;

        Outage(Target target, int until) {
            this.target = target;
            this.until = until;
            target.play(plan(target));
        }

        static FaultPlan plan(Target target) {
            return FaultPlan.always(target.unavailable().after(SERVICE));
        }

        void before(int call) {
            if (call == until) {
                requests = target.requests();
                target.play(FaultPlan.always(Fault.delay(SERVICE)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void outage_isLeftToTheBreaker(Target.Protocol protocol) throws Exception {
        String what = "outage of %d s, then healthy, breaker open for %d ms, %s"
                .formatted(OUTAGE.toSeconds(), OPEN.toMillis(), protocol);
        Scorecard.row("A4", what, row -> {
            row.inject("sandbox");
            try (Target target = protocol.start()) {
                ours(row, target);
                Alternatives.compare(row, target, Outage.plan(target), PER_SECOND);
            }
        });
    }

    private static void ours(Row row, Target target) {
        BreakerPolicy breaker = BreakerPolicy.builder().openFor(OPEN).build();
        OpenLoad load = OpenLoad.of(PER_SECOND, OUTAGE.plus(AFTERWARDS));
        Outage outage = new Outage(target, load.callAt(OUTAGE));
        try (Trial trial = new Trial(target, load, builder -> builder.breaker(breaker)).run(outage::before)) {
            row.atMost("requests in the outage", MAX_REQUESTS, outage.requests);
            recovery(row, trial, outage.until);
            row.within("refusal p99", Duration.ofMillis(2), load.latency(Outcome.REJECTED, 99));
            trial.balance(row);
        }
    }

    /** Over when the last call is refused; from there on all succeed. */
    private static void recovery(Row row, Trial trial, int from) {
        int end = trial.load().calls();
        int well = IntStream.range(from, end)
                .filter(call -> trial.ledger().outcome(call) != Outcome.SUCCESS)
                .map(call -> call + 1)
                .max()
                .orElse(from);
        row.exactly("failures after the outage", 0, trial.ledger().count(Outcome.FAILURE, from, end));
        row.atLeast("successes in a row at the end", PER_SECOND, end - well);
        Duration took = Duration.ofNanos((well - from) * 1_000_000_000L / PER_SECOND);
        row.within("all succeed from", OPEN.plusSeconds(1), took);
    }
}
