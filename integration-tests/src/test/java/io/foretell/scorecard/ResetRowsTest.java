package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.reset;

import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import io.foretell.testing.NetworkPlan;
import io.foretell.testing.SageMakerSandbox;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network between client and server that resets connections, which speak TLS, just before an answer arrives. */
@Tag("scorecard")
@Timeout(600)
class ResetRowsTest {
    private static final int PER_SECOND = Scorecard.quick(250, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(6), Duration.ofSeconds(45));
    private static final Duration SERVICE = Duration.ofMillis(10);

    /** Enough for some ten connections, of which a share is doomed. */
    private static final Duration LONGER_SERVICE = Duration.ofMillis(40);

    private static final long SEED = 11;
    private static final double RESET_REQUESTS = 0.05;
    private static final double DOOMED_CONNECTIONS = 0.3;

    /** How many turns a handshake takes at most, with the ticket that follows it. */
    private static final int HANDSHAKE = 3;

    private static final int HANDSHAKES = 50;

    /** The first five failures of 1,500 calls are too many where one in 8,000 is expected; so are 28 retries over 79. */
    private static final double LEAST_SUCCESS = Scorecard.quick(99.7, 99.95);

    private static final double MOST_REQUESTS = Scorecard.quick(1.08, 1.07);

    @Test
    void someRequestsAreReset_nearlyAllCallsSucceed() throws Exception {
        NetworkPlan plan =
                (connection, random) -> List.of(reset().toClient().afterRequests(HANDSHAKE + untilReset(random)));
        Scorecard.row("A1", "each request reset with 5 %, over TLS", row -> {
            row.seed(SEED);
            compare(row, plan, SERVICE, LEAST_SUCCESS, MOST_REQUESTS);
        });
    }

    /** How many requests of a connection go well. */
    private static int untilReset(RandomGenerator random) {
        int well = 0;
        while (random.nextDouble() >= RESET_REQUESTS) {
            well++;
        }
        return well;
    }

    @Test
    void someConnectionsAreReset_nearlyAllCallsSucceed() throws Exception {
        NetworkPlan plan = (connection, random) ->
                List.of(reset().toClient().afterRequests(HANDSHAKE + 10).withProbability(DOOMED_CONNECTIONS));
        Scorecard.row("A2", "30 % of connections reset after 10 requests, server 40 ms, over TLS", row -> {
            row.seed(SEED);
            compare(row, plan, LONGER_SERVICE, Scorecard.quick(99.7, 99.9), 1.05);
        });
    }

    private static void compare(Row row, NetworkPlan plan, Duration service, double success, double requests)
            throws Exception {
        row.inject("proxy");
        warmUp();
        SageMakerSandbox sandbox = HttpTarget.sandbox().start();
        InetSocketAddress server =
                new InetSocketAddress(sandbox.uri().getHost(), sandbox.uri().getPort());
        try (FaultProxy proxy = FaultProxy.to(server, SEED);
                Target target = new HttpTarget(sandbox, URI.create("https://" + proxy.target()))) {
            proxy.plan(plan);
            FaultPlan healthy = FaultPlan.always(Fault.delay(service));
            target.play(healthy);
            ours(row, target, proxy, success, requests);
            Alternatives.compare(row, target, healthy, PER_SECOND);
        }
    }

    /** Elsewhere, for through the proxy no call is for nothing: signatures, and handshakes above all. */
    private static void warmUp() {
        SageMakerSandbox sandbox = HttpTarget.sandbox().start();
        try (Target target = new HttpTarget(sandbox, sandbox.uri());
                Trial trial = new Trial(target, OpenLoad.of(HANDSHAKES, Duration.ofSeconds(1)))) {
            target.play(FaultPlan.always(Fault.delay(Duration.ofSeconds(1))));
            trial.run();
        }
    }

    private static void ours(Row row, Target target, FaultProxy proxy, double success, double requests) {
        try (Trial trial = new Trial(target, OpenLoad.of(PER_SECOND, LOAD)).run()) {
            row.atLeast("resets", 1, proxy.resets());
            row.atLeast("success %", success, trial.successPercent());
            row.atMost("requests a call", requests, trial.requestsPerCall());
            row.exactly("refused by the breaker", 0, trial.ledger().count(Outcome.REJECTED));
            row.exactly("failed attempts less resets", 0, failedAttempts(trial) - proxy.resets());
            row.within("p99", Duration.ofMillis(250), trial.load().latency(99));
            trial.balance(row);
        }
    }

    private static long failedAttempts(Trial trial) {
        return trial.seen().attempts() - trial.ledger().count(Outcome.SUCCESS);
    }
}
