package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.policy.BreakerPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that takes requests and never answers. */
@Tag("scorecard")
@Timeout(600)
class SilenceRowsTest {
    private static final int PER_SECOND = Scorecard.quick(200, 500);
    private static final Duration LOAD = Duration.ofSeconds(2);
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final Duration ATTEMPT = Duration.ofMillis(400);
    private static final int MAX_ATTEMPTS = 3;

    /** Counts attempts that start after the deadline of their request, by more than a thread may be held up. */
    private static final class Latecomers extends CallListener {
        private static final long HELD_UP_NANOS = Duration.ofMillis(250).toNanos();

        private final Map<Long, Long> starts = new ConcurrentHashMap<>();
        private final LongAdder late = new LongAdder();

        @Override
        public void requestStarted(CallEvent event) {
            starts.put(event.id(), System.nanoTime());
        }

        @Override
        public void attemptStarted(CallEvent event) {
            long age = System.nanoTime() - starts.get(event.id());
            if (age > DEADLINE.toNanos() + HELD_UP_NANOS) {
                late.increment();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void silence_endsEachCallByItsDeadline(Target.Protocol protocol) throws Exception {
        Scorecard.row("A7", "server never answers, deadline 1 s, " + protocol, row -> {
            row.inject("sandbox");
            try (Target target = protocol.start()) {
                Ledger ledger = ours(row, target, builder -> builder.breaker(BreakerPolicy.none()));
                row.exactly("ended by the deadline", ledger.calls(), ledger.count(ErrorCategory.DEADLINE));
                for (Anchor anchor : target.anchors(DEADLINE)) {
                    try (anchor) {
                        row.anchor(anchor.name(), theirs(anchor, target));
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void silence_ofAttemptsWithATimeout_openTheBreaker(Target.Protocol protocol) throws Exception {
        Scorecard.row("A7", "the same, attempts of 400 ms, with a breaker, " + protocol, row -> {
            row.inject("sandbox");
            try (Target target = protocol.start()) {
                Ledger ledger = ours(row, target, builder -> builder.attemptTimeout(ATTEMPT));
                row.exactly("answered", 0, ledger.count(Outcome.SUCCESS));
            }
        });
    }

    private static Ledger ours(
            Row row,
            Target target,
            UnaryOperator<PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>>> settings) {
        OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
        Ledger ledger = new Ledger(load.calls());
        Latecomers latecomers = new Latecomers();
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> connected = Predictor.builder(TensorCodecs.tensors())
                        .transport(target.transport())
                        .build();
                Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = settings.apply(connected.toBuilder()
                                .listener(ledger.listener())
                                .listener(latecomers)
                                .timeout(DEADLINE))
                        .build()) {
            connected.predict(Target.INPUT); // an attempt that waits for a connection is no request yet
            long before = target.requests();
            target.play(FaultPlan.always(Fault.silence()));
            load.run(ledger, call -> predictor.predictAsync(Target.INPUT));
            ledger.balance(row, () -> target.requests() - before);
            row.atMost("attempts of a call", MAX_ATTEMPTS, ledger.mostAttempts());
            row.exactly("attempts after the deadline", 0, latecomers.late.sum());
            row.within("end p99", DEADLINE.plusMillis(50), load.latency(99));
            row.within("last end", DEADLINE.plusMillis(100), load.latency(100));
            load.report(row);
        }
        return ledger;
    }

    private static String theirs(Anchor anchor, Target target) {
        long before = target.requests();
        OpenLoad load = OpenLoad.of(PER_SECOND / 10, LOAD);
        Ledger ledger = new Ledger(load.calls());
        load.run(ledger, call -> anchor.call());
        ledger.settle();
        return "end p99 %d ms, last %d ms, %.1f requests a call"
                .formatted(
                        load.latency(99).toMillis(),
                        load.latency(100).toMillis(),
                        (double) (target.requests() - before) / load.calls());
    }
}
