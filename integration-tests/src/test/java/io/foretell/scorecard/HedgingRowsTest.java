package io.foretell.scorecard;

import io.foretell.PredictorBuilder;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.policy.HedgingPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A second attempt where the first is slow: what it gains, and what it costs. */
@Tag("scorecard")
@Timeout(600)
class HedgingRowsTest {
    private static final long SEED = 20_261_125;
    private static final Fault USUAL = Fault.delay(Duration.ofMillis(10));
    private static final FaultPlan RARELY_SLOW =
            FaultPlan.random(0.01, Fault.delay(Duration.ofSeconds(1)), SEED).orElse(USUAL);

    /** Long enough that no stall of the machine makes a call fail. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static final HedgingPolicy HEDGING = HedgingPolicy.defaults();

    /** Counts attempts by the second in which they start. */
    private static final class Seconds extends CallListener {
        private static final int WINDOW = 10;

        private final long start = System.nanoTime();
        private final AtomicIntegerArray firsts = new AtomicIntegerArray(600);
        private final AtomicIntegerArray hedges = new AtomicIntegerArray(600);

        @Override
        public void attemptStarted(CallEvent event) {
            AtomicIntegerArray counts = event.reason() == CallEvent.Reason.HEDGE ? hedges : firsts;
            counts.incrementAndGet(now());
        }

        /** The second it is. */
        private int now() {
            return (int) ((System.nanoTime() - start) / 1_000_000_000L);
        }

        /** By how many the hedges of 10 s exceeded their share of the calls of these, at most, to now. */
        double worstExcess() {
            return IntStream.rangeClosed(0, now())
                    .mapToDouble(this::excess)
                    .max()
                    .orElse(0);
        }

        private double excess(int last) {
            double excess = 0;
            for (int second = Math.max(0, last - WINDOW + 1); second <= last; second++) {
                excess += hedges.get(second) - HEDGING.maxExtra() * firsts.get(second);
            }
            return excess;
        }
    }

    @ParameterizedTest
    @EnumSource
    void rareSlowAnswers_areOvertaken(Target.Protocol protocol) throws Exception {
        Scorecard.row("B1", "1 % of the answers take 1 s, the others 10 ms, " + protocol, row -> {
            row.inject("sandbox").seed(SEED);
            OpenLoad load = OpenLoad.of(200, Scorecard.quick(Duration.ofSeconds(3), Duration.ofSeconds(60)));
            try (Target target = protocol.start();
                    Client client = new Client(load.calls(), ledger -> settings(target, ledger), target)) {
                target.play(RARELY_SLOW);
                load.run(client.ledger(), call -> client.call());
                judge(row, client, load.calls());
                row.within("p99.9", Duration.ofMillis(60), load.latency(99.9));
                load.report(row);
                client.balanceWithPlaces(row);
            }
            row.anchor("hedging off", "p99.9 " + unhedged(protocol).toMillis() + " ms");
        });
    }

    private static Duration unhedged(Target.Protocol protocol) {
        OpenLoad load = OpenLoad.of(200, Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(10)));
        try (Target target = protocol.start();
                Client client = new Client(load.calls(), target::predictor, target)) {
            target.play(RARELY_SLOW);
            load.run(client.ledger(), call -> client.call());
            client.ledger().settle();
            return load.latency(99.9);
        }
    }

    @ParameterizedTest
    @EnumSource
    void latencyThatShifts_costsNoMoreHedges(Target.Protocol protocol) throws Exception {
        Scorecard.row("B2", "all answers take 10 ms, then 100 ms, " + protocol, row -> {
            row.inject("sandbox");
            int perSecond = Scorecard.quick(200, 500);
            OpenLoad load = OpenLoad.of(perSecond, Scorecard.quick(Duration.ofSeconds(4), Duration.ofSeconds(30)));
            int shift = load.calls() / 3;
            Seconds seconds = new Seconds();
            try (Target target = protocol.start();
                    Client client = new Client(
                            load.calls(), ledger -> settings(target, ledger).listener(seconds), target)) {
                target.play(request -> request < shift ? USUAL : Fault.delay(Duration.ofMillis(100)));
                load.run(client.ledger(), call -> client.call());
                judge(row, client, load.calls());
                row.atMost("hedges of 10 s beyond 5 % of their calls", 10 * Seconds.WINDOW, seconds.worstExcess());
                row.measured("of the last 10 s", seconds.excess(seconds.now()));
                load.report(row);
                client.balanceWithPlaces(row);
            }
        });
    }

    private static PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> settings(Target target, Ledger ledger) {
        return target.predictor(ledger).timeout(DEADLINE).idempotent(true).hedging(HEDGING);
    }

    private static void judge(Row row, Client client, int calls) {
        client.ledger().settle();
        long hedges = client.seen().hedges();
        row.exactly("answered", calls, client.ledger().count(Outcome.SUCCESS));
        row.atLeast("hedges", 1, hedges);
        row.atMost("extra in percent", 100 * HEDGING.maxExtra(), 100.0 * hedges / calls);
        row.measured("hedges that won", client.seen().hedgesWon());
    }
}
