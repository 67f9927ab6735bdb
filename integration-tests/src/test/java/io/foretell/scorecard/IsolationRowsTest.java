package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.policy.BreakerPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.transport.Route;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An endpoint that is dead beside one that is not. */
@Tag("scorecard")
@Timeout(600)
class IsolationRowsTest {
    private static final int PER_SECOND = Scorecard.quick(200, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(2), Duration.ofSeconds(15));
    private static final Duration ALONE = Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final FaultPlan HEALTHY = FaultPlan.always(Fault.delay(Duration.ofMillis(10)));

    /** Long enough that no stall of the machine makes a call fail. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** What opens a breaker, if nothing came before. */
    private static final int OPENING = BreakerPolicy.defaults().minSeen();

    private static final int PROBES = BreakerPolicy.defaults().probes();

    @ParameterizedTest
    @EnumSource
    void deadEndpoint_ofTheSameRoute_costsNoAnswer(Target.Protocol protocol) throws Exception {
        Scorecard.row("C6", "A dead, B healthy, one route, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
            try (Target dead = protocol.start();
                    Target healthy = protocol.start();
                    Client client =
                            new Client(load.calls() + OPENING, ledger -> route(dead, healthy, ledger), dead, healthy)) {
                dead.play(FaultPlan.always(dead.unavailable()));
                healthy.play(HEALTHY);
                for (int i = 0; i < OPENING; i++) {
                    client.ledger().enter(load.calls() + i, client.call()).join();
                }
                long start = System.nanoTime();
                load.run(client.ledger(), call -> client.call());
                client.ledger().settle();
                judge(row, client, load.calls() + OPENING);
                row.atMost("requests to A", OPENING + PROBES * openings(start), dead.requests());
                row.within("p99", tenthMore(alone(protocol)), load.latency(99));
                load.report(row);
                client.balance(row);
            }
        });
    }

    private static PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> route(
            Target dead, Target healthy, Ledger ledger) {
        return Predictor.builder(TensorCodecs.tensors())
                .route(Route.failover(dead.transport(), healthy.transport()))
                .listener(ledger.listener())
                .timeout(DEADLINE);
    }

    /** How often the breaker may have let probes pass since then. */
    private static long openings(long start) {
        return (System.nanoTime() - start) / BreakerPolicy.defaults().openFor().toNanos() + 1;
    }

    @ParameterizedTest
    @EnumSource
    void deadEndpoint_ofAnotherPredictor_costsNoAnswer(Target.Protocol protocol) throws Exception {
        Scorecard.row("C6", "A dead, B healthy, two predictors, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
            try (Target dead = protocol.start();
                    Target healthy = protocol.start();
                    Client a = new Client(load.calls(), dead::predictor, dead);
                    Client b = new Client(load.calls(), ledger -> patient(healthy, ledger), healthy)) {
                dead.play(FaultPlan.always(dead.unavailable()));
                healthy.play(HEALTHY);
                load.run(b.ledger(), call -> {
                    a.ledger().enter(call, a.call());
                    return b.call();
                });
                b.ledger().settle();
                judge(row, b, load.calls());
                row.within("p99", tenthMore(alone(protocol)), load.latency(99));
                load.report(row);
                b.balanceWithPlaces(row);
                a.balance(row);
            }
        });
    }

    private static void judge(Row row, Client client, int calls) {
        row.exactly("answered by B", calls, client.ledger().count(Outcome.SUCCESS));
    }

    private static Duration alone(Target.Protocol protocol) {
        OpenLoad load = OpenLoad.of(PER_SECOND, ALONE);
        try (Target target = protocol.start();
                Client client = new Client(load.calls(), ledger -> patient(target, ledger), target)) {
            target.play(HEALTHY);
            load.run(client.ledger(), call -> client.call());
            client.ledger().settle();
            return load.latency(99);
        }
    }

    private static PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> patient(Target target, Ledger ledger) {
        return target.predictor(ledger).timeout(DEADLINE);
    }

    private static Duration tenthMore(Duration duration) {
        return duration.plus(duration.dividedBy(10));
    }
}
