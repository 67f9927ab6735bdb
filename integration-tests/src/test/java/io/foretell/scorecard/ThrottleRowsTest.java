package io.foretell.scorecard;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that asks every client to slow down. */
@Tag("scorecard")
@Timeout(600)
class ThrottleRowsTest {
    private static final int PER_SECOND = Scorecard.quick(250, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(3), Duration.ofSeconds(20));
    private static final Duration SERVICE = Duration.ofMillis(10);
    /** Longer than the usual wait before a retry, of which it is the least. */
    private static final Duration PUSHBACK = Duration.ofSeconds(1);

    /** A model that is not ready is asked again until then. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final double MAX_REQUESTS_PER_CALL = 1.05;

    /** How a server may say it. */
    enum Throttle {
        THROTTLING(
                Target.Protocol.HTTP, Fault.error(429, "ThrottlingException", "{\"message\":\"Rate exceeded\"}"), true),
        MODEL_NOT_READY(
                Target.Protocol.HTTP, Fault.error(429, "ModelNotReadyException", "{\"Message\":\"loading\"}"), false),
        RESOURCE_EXHAUSTED(Target.Protocol.GRPC, Fault.status("RESOURCE_EXHAUSTED", "busy"), true);

        private final Target.Protocol protocol;
        private final Fault fault;
        private final boolean asks;

        Throttle(Target.Protocol protocol, Fault fault, boolean asks) {
            this.protocol = protocol;
            this.fault = (asks ? fault.pushback(PUSHBACK) : fault).after(SERVICE);
            this.asks = asks;
        }
    }

    /** How long the client waits between an attempt and its retry. */
    private static final class Waits extends CallListener {
        private final Map<Long, Long> ends = new ConcurrentHashMap<>();
        private final LongAdder early = new LongAdder();
        private final Histogram waits = new ConcurrentHistogram(3);

        @Override
        public void attemptEnded(CallEvent event) {
            ends.put(event.id(), System.nanoTime());
        }

        @Override
        public void attemptStarted(CallEvent event) {
            if (event.reason() == CallEvent.Reason.RETRY) {
                long waited = System.nanoTime() - ends.get(event.id());
                waits.recordValue(waited);
                if (waited < PUSHBACK.toNanos()) {
                    early.increment();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void throttledCalls_areRetriedWithinTheBudget(Throttle throttle) throws Exception {
        Scorecard.row("A5", "all answered with " + throttle + (throttle.asks ? ", retry after 1 s" : ""), row -> {
            row.inject("sandbox");
            try (Target target = throttle.protocol.start()) {
                FaultPlan plan = FaultPlan.always(throttle.fault);
                target.play(plan);
                ours(row, target, throttle.asks);
                Alternatives.compare(row, target, plan, PER_SECOND);
            }
        });
    }

    private static void ours(Row row, Target target, boolean asked) {
        Waits waits = new Waits();
        try (Trial trial = new Trial(
                        target,
                        OpenLoad.of(PER_SECOND, LOAD),
                        builder -> builder.listener(waits).timeout(DEADLINE))
                .run()) {
            row.exactly("failures", trial.load().calls(), trial.ledger().count(Outcome.FAILURE));
            double within = CeilingLaw.maxRequestsPerCall(trial.load(), trial.took(), 0);
            row.atMost("requests a call", Scorecard.quick(within, MAX_REQUESTS_PER_CALL), trial.requestsPerCall());
            row.atLeast("retries", 1, trial.seen().retries());
            if (asked) {
                row.exactly("retries before the time asked for", 0, waits.early.sum());
                Duration p99 = Duration.ofNanos(waits.waits.getValueAtPercentile(99));
                row.within("wait p99", PUSHBACK.plus(PUSHBACK.dividedBy(10)), p99);
            }
            trial.balance(row);
        }
    }
}
