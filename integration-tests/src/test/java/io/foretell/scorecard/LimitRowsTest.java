package io.foretell.scorecard;

import io.foretell.policy.LimitPolicy;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits of our own, under more load than they let pass. */
@Tag("scorecard")
@Timeout(600)
class LimitRowsTest {
    private static final int PER_SECOND = 500;
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final Duration ATTEMPT = Duration.ofMillis(400);
    private static final Duration FAST = Duration.ofMillis(10);
    private static final Duration SLOW = Duration.ofSeconds(2);
    private static final LimitPolicy RATE =
            LimitPolicy.builder().ratePerSecond(50).build();
    private static final LimitPolicy ADAPTIVE =
            LimitPolicy.builder().adaptive(1, 40).maxQueued(0).build();

    @Test
    void rateLimit_letsItsRatePass() throws Exception {
        Scorecard.row("C4", "rate limit 50/s, offered 500/s", row -> {
            row.inject("virtual time");
            try (VirtualLoad load =
                    new VirtualLoad(builder -> builder.limits(RATE).timeout(DEADLINE))) {
                load.answerAfter(FAST).run(PER_SECOND, Duration.ofMinutes(1));
                double admitted = load.requests() / 60.0;
                row.measured("admitted a second", admitted);
                row.atMost("off the limit by", 0.02, Math.abs(admitted / RATE.ratePerSecond() - 1));
                row.measured("refused", load.ledger().count(Outcome.REJECTED));
                load.settle().balance(row);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void rateLimit_keepsNoCaller(Target.Protocol protocol) throws Exception {
        Scorecard.row("C4", "rate limit 50/s, offered 500/s, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, Scorecard.quick(Duration.ofSeconds(2), Duration.ofSeconds(30)));
            LimitPolicy queued = RATE.toBuilder().maxQueued(25).build();
            try (Target target = protocol.start();
                    Client client = new Client(
                            load.calls(),
                            ledger -> target.predictor(ledger).limits(queued).timeout(Duration.ofSeconds(30)),
                            target)) {
                target.play(FaultPlan.always(Fault.delay(FAST)));
                long start = System.nanoTime();
                load.run(client.ledger(), call -> client.call());
                client.ledger().settle();
                double seconds = (System.nanoTime() - start) / 1e9;
                row.atMost("admitted beyond 50/s", 2, target.requests() - RATE.ratePerSecond() * seconds);
                row.measured("admitted a second", target.requests() / seconds);
                row.within("caller kept p99.9", Duration.ofMillis(1), load.handover(99.9));
                row.anchor(
                        "resilience4j's decorator",
                        "caller kept "
                                + ResilienceDecoratorTraps.callerKeptByTheRateLimit()
                                        .toMillis() + " ms");
                load.report(row);
                client.balance(row);
            }
        });
    }

    @Test
    void adaptiveLimit_followsTheServer() throws Exception {
        Scorecard.row("C5", "server slows from 10 ms to 2 s for 20 s", row -> {
            row.inject("virtual time");
            InFlight inFlight = new InFlight(ADAPTIVE);
            try (VirtualLoad load = slowed(ADAPTIVE, inFlight)) {
                double before = inFlight.limit();
                load.answerAfter(SLOW).run(PER_SECOND, Duration.ofSeconds(2));
                row.atMost("share of the limit after 2 s", 0.25, inFlight.limit() / before);
                load.run(PER_SECOND, Duration.ofSeconds(18));
                load.answerAfter(FAST).run(PER_SECOND, Duration.ofSeconds(10));
                int recovered = load.calls();
                load.run(PER_SECOND, Duration.ofSeconds(10)).settle();
                long answered = load.ledger().count(Outcome.SUCCESS, recovered, load.calls());
                row.atLeast("answered from 10 s after", 0.9, (double) answered / (load.calls() - recovered));
                row.exactly("attempts beyond the limit", 0, inFlight.beyond());
                row.measured("most in flight", inFlight.most());
                load.balance(row);
                row.exactly("places free", (int) inFlight.limit(), load.placesFree());
            }
            row.anchor("a fixed limit of 1,000", "most in flight " + mostWithFixedLimit());
        });
    }

    /** A load on a server that was fast for 20 s. */
    private static VirtualLoad slowed(LimitPolicy limits, InFlight inFlight) {
        VirtualLoad load = new VirtualLoad(builder ->
                builder.limits(limits).timeout(DEADLINE).attemptTimeout(ATTEMPT).listener(inFlight));
        return load.answerAfter(FAST).run(PER_SECOND, Duration.ofSeconds(20));
    }

    private static int mostWithFixedLimit() {
        InFlight inFlight = new InFlight(LimitPolicy.defaults());
        try (VirtualLoad load = slowed(LimitPolicy.defaults(), inFlight)) {
            load.answerAfter(SLOW).run(PER_SECOND, Duration.ofSeconds(2)).settle();
            return inFlight.most();
        }
    }

    @ParameterizedTest
    @EnumSource
    void adaptiveLimit_sparesTheServer(Target.Protocol protocol) throws Exception {
        Scorecard.row("C5", "server slows from 10 ms to 2 s in the second third, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, Scorecard.quick(Duration.ofSeconds(3), Duration.ofSeconds(45)));
            int slow = load.calls() / 3;
            int fast = 2 * slow;
            try (Target target = protocol.start();
                    Client client = new Client(
                            load.calls(),
                            ledger -> target.predictor(ledger)
                                    .limits(ADAPTIVE)
                                    .timeout(DEADLINE)
                                    .attemptTimeout(ATTEMPT),
                            target)) {
                target.play(FaultPlan.always(Fault.delay(FAST)));
                AtomicLong whileSlow = new AtomicLong();
                load.run(client.ledger(), call -> {
                    if (call == slow) {
                        target.play(FaultPlan.always(Fault.delay(SLOW)));
                        whileSlow.addAndGet(-target.requests());
                    } else if (call == fast) {
                        whileSlow.addAndGet(target.requests());
                        target.play(FaultPlan.always(Fault.delay(FAST)));
                    }
                    return client.call();
                });
                client.ledger().settle();
                row.atMost("requests of " + (fast - slow) + " calls while slow", most(fast - slow), whileSlow.get());
                row.within("refused p99", Duration.ofMillis(2), load.latency(Outcome.REJECTED, 99));
                if (Scorecard.full()) {
                    int recovered = fast + 10 * PER_SECOND;
                    long answered = client.ledger().count(Outcome.SUCCESS, recovered, load.calls());
                    row.atLeast("answered from 10 s after", 0.9, (double) answered / (load.calls() - recovered));
                }
                load.report(row);
                client.balance(row);
            }
        });
    }

    /** As many as the limit lets out at first, twice over, and then a few for each time-out. */
    private static double most(int calls) {
        double rounds = (double) calls / PER_SECOND / (ATTEMPT.toMillis() / 1e3);
        return 2 * ADAPTIVE.maxInFlight() + 3 * rounds;
    }
}
