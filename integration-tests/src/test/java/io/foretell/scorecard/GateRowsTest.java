package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.error.ErrorCategory;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.transport.InferenceResponse;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Breakers, limits and hedges, in virtual time. */
@Tag("scorecard")
@Timeout(300)
class GateRowsTest {
    private static final BreakerPolicy ONE_PROBE =
            BreakerPolicy.builder().window(2).minSeen(2).probes(1).build();

    /** A predictor whose breaker is half open. */
    private static final class HalfOpen implements AutoCloseable {
        final VirtualTarget target = new VirtualTarget();
        final Ledger ledger;
        final Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor;
        private int call;

        HalfOpen(int calls) {
            ledger = new Ledger(calls);
            predictor = target.predictor(ledger).breaker(ONE_PROBE).build();
            for (int failed = 0; failed < 2; failed++) {
                call();
                target.fail(failed, ErrorCategory.MODEL_FAULT);
            }
            target.clock.advance(ONE_PROBE.openFor().plusMillis(1));
        }

        CompletableFuture<?> call() {
            return ledger.enter(call++, predictor.predictAsync(Target.INPUT));
        }

        /** How many of 100 calls are refused, each of which would succeed. */
        long refused() {
            int from = call;
            target.transport.answer(request -> InferenceResponse.of(request.payload()));
            for (int i = 0; i < 100; i++) {
                call();
            }
            return ledger.count(Outcome.REJECTED, from, call);
        }

        @Override
        public void close() {
            predictor.close();
        }
    }

    @Test
    void probe_cancelled_letsTheNextIn() throws Exception {
        Scorecard.row("C1", "half-open probe hangs, caller cancels, 100 calls follow", row -> {
            row.inject("virtual time");
            try (HalfOpen halfOpen = new HalfOpen(103)) {
                halfOpen.call().cancel(true);
                row.exactly("refused", 0, halfOpen.refused());
                halfOpen.ledger.balance(row, halfOpen.target.transport::sends);
            }
            row.anchor("resilience4j, refused", ResilienceDecoratorTraps.refusedAfterACancelledProbe());
        });
    }

    @Test
    void probe_thatHangs_endsByTheBreakersLimit() throws Exception {
        Scorecard.row("C1", "half-open probe hangs, nobody cancels", row -> {
            row.inject("virtual time");
            try (HalfOpen halfOpen = new HalfOpen(104)) {
                CompletableFuture<?> probe = halfOpen.call();
                halfOpen.target.clock.advance(ONE_PROBE.halfOpenFor());
                row.holds("refused while open again", halfOpen.call().isCompletedExceptionally());
                halfOpen.target.clock.advance(ONE_PROBE.openFor().plusMillis(1));
                row.exactly("refused afterwards", 0, halfOpen.refused());
                row.holds("the probe's call ended", endsByItsDeadline(halfOpen, probe));
                halfOpen.ledger.balance(row, halfOpen.target.transport::sends);
            }
        });
    }

    private static boolean endsByItsDeadline(HalfOpen halfOpen, CompletableFuture<?> call) {
        halfOpen.target.clock.advance(Duration.ofSeconds(30));
        return call.isDone();
    }

    @Test
    void probe_thatMeetsAnError_letsTheNextIn() throws Exception {
        Scorecard.row(
                "C2", "StackOverflowError while the answer of a half-open probe is read, 100 calls follow", row -> {
                    row.inject("virtual time");
                    try (HalfOpen halfOpen = new HalfOpen(103)) {
                        halfOpen.call();
                        halfOpen.target.transport.sent(2).answer().completeExceptionally(new StackOverflowError());
                        row.exactly("refused", 0, halfOpen.refused());
                        halfOpen.ledger.balance(row, halfOpen.target.transport::sends);
                    }
                    row.anchor("resilience4j, refused", ResilienceDecoratorTraps.refusedAfterAnErrorInAProbe());
                });
    }

    @Test
    void refusalsAndCancels_areNoFailures() throws Exception {
        Scorecard.row("C3", "10,000 local rejections, 10,000 cancels", row -> {
            row.inject("virtual time");
            int each = 10_000;
            CircuitBreaker machine = CircuitBreaker.ofDefaults("watched");
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(2 * each + 1);
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                    .breaker(BreakerPolicy.of(machine))
                    .limits(LimitPolicy.builder().maxInFlight(1).maxQueued(0).build())
                    .build()) {
                CompletableFuture<?> holder = ledger.enter(2 * each, predictor.predictAsync(Target.INPUT));
                for (int call = 0; call < each; call++) {
                    ledger.enter(call, predictor.predictAsync(Target.INPUT));
                }
                holder.cancel(true);
                for (int call = each; call < 2 * each; call++) {
                    ledger.enter(call, predictor.predictAsync(Target.INPUT)).cancel(true);
                }
                row.exactly("rejected", each, ledger.count(Outcome.REJECTED));
                row.exactly("cancelled", each + 1, ledger.count(Outcome.CANCELLED));
                row.exactly("failures counted", 0, machine.getMetrics().getNumberOfFailedCalls());
                ledger.balance(row, target.transport::sends);
            }
            row.anchor(
                    "resilience4j, failures counted for 100 cancels",
                    ResilienceDecoratorTraps.failuresCountedForCancels());
        });
    }

    /** How a hedged call goes on; usual is 10 ms, known from 100 calls. */
    enum Ending {
        BACKUP_WINS(1, Outcome.SUCCESS, (target, original) -> target.answer(original + 1)),
        ORIGINAL_WINS(0, Outcome.SUCCESS, VirtualTarget::answer),
        BACKUP_FAILS_FIRST(0, Outcome.SUCCESS, (target, original) -> {
            target.fail(original + 1, ErrorCategory.OVERLOADED);
            target.answer(original);
        }),
        ORIGINAL_FAILS_FIRST(1, Outcome.SUCCESS, (target, original) -> {
            target.fail(original, ErrorCategory.OVERLOADED);
            target.answer(original + 1);
        }),
        BOTH_FAIL(0, Outcome.FAILURE, (target, original) -> {
            target.fail(original, ErrorCategory.MODEL_FAULT);
            target.fail(original + 1, ErrorCategory.MODEL_FAULT);
        }),
        CANCEL(0, Outcome.CANCELLED, (target, original) -> {});

        final int won;
        final Outcome outcome;
        final BiConsumer<VirtualTarget, Integer> script;

        Ending(int won, Outcome outcome, BiConsumer<VirtualTarget, Integer> script) {
            this.won = won;
            this.outcome = outcome;
            this.script = script;
        }
    }

    @ParameterizedTest
    @EnumSource
    void hedge_hasOneOutcome(Ending ending) throws Exception {
        Scorecard.row("B3", "hedge: " + ending.name().toLowerCase(Locale.ROOT).replace('_', ' '), row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            int known = 100;
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(known + 1);
            LatencyRecorder recorder = new LatencyRecorder();
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                    .hedging(HedgingPolicy.defaults())
                    .listener(recorder)
                    .build()) {
                for (int call = 0; call < known; call++) {
                    ledger.enter(call, predictor.predictAsync(Target.INPUT));
                    target.advanceMillis(10);
                    target.answer(call);
                }
                CompletableFuture<?> hedged = ledger.enter(known, predictor.predictAsync(Target.INPUT));
                target.advanceMillis(11);
                ending.script.accept(target, known);
                hedged.cancel(true); // where it has not ended
                row.holds(ending.outcome.toString(), ledger.outcome(known) == ending.outcome);
                LatencySnapshot seen = recorder.snapshot();
                row.exactly("hedges sent", 1, seen.hedges());
                row.exactly("hedges won", ending.won, seen.hedgesWon());
                row.exactly("left on the wire", 0, onTheWire(target));
                ledger.balance(row, target.transport::sends);
            }
        });
    }

    private static long onTheWire(VirtualTarget target) {
        return target.transport.sent().stream()
                .filter(sent -> !sent.answer().isDone())
                .count();
    }
}
