package io.foretell;

import static io.foretell.error.ErrorCategory.OVERLOADED;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallEvent.Reason;
import io.foretell.event.CallListener;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A second attempt beside a slow first one. Usual is 10 ms, known from 100 calls: the next two are numbers 100 and 101. */
class HedgingTest {
    private static final int ORIGINAL = 100;
    private static final int HEDGE = 101;
    private static final long SLOW_MILLIS = 11;

    private final Rig rig = new Rig();
    private final LatencyRecorder recorder = new LatencyRecorder();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private PredictorBuilder<String, String> hedging() {
        return rig.retrying().hedging(HedgingPolicy.defaults()).listener(recorder);
    }

    private Predictor<String, String> known(PredictorBuilder<String, String> builder) {
        Predictor<String, String> predictor = rig.build(builder);
        rig.know(predictor, ORIGINAL, 10);
        recorder.reset();
        return predictor;
    }

    private CompletableFuture<Prediction<String>> slow(Predictor<String, String> predictor) {
        CompletableFuture<Prediction<String>> call = predictor.callAsync("a", CallOptions.none());
        rig.advanceMillis(SLOW_MILLIS);
        return call;
    }

    private void assertHedges(long sent, long won) {
        LatencySnapshot seen = recorder.snapshot();
        assertThat(seen.hedges()).as("hedges").isEqualTo(sent);
        assertThat(seen.hedgesWon()).as("hedges won").isEqualTo(won);
    }

    @Test
    void hedge_thatAnswersFirst_winsAndTheOriginalIsCancelled() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.answer(HEDGE);
        assertThat(call.join().value()).isEqualTo("answer " + HEDGE);
        assertThat(call.join().attemptReasons()).containsExactly(Reason.FIRST, Reason.HEDGE);
        assertThat(rig.transport.sent(ORIGINAL).answer()).isCancelled();
        assertHedges(1, 1);
        assertThat(rig.events.lines()).contains("attempt- 101 Superseded");
    }

    @Test
    void original_thatAnswersFirst_winsAndTheHedgeIsCancelled() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.answer(ORIGINAL);
        assertThat(call.join().value()).isEqualTo("answer " + ORIGINAL);
        assertThat(rig.transport.sent(HEDGE).answer()).isCancelled();
        assertHedges(1, 0);
    }

    @Test
    void original_thatAnswersInTime_isAlone() {
        Predictor<String, String> predictor = known(hedging());
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.advanceMillis(9);
        rig.answer(ORIGINAL);
        rig.advanceMillis(SLOW_MILLIS);
        assertThat(call).isCompleted();
        assertHedges(0, 0);
    }

    @Test
    void original_thatFails_leavesItToTheHedge() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.fail(ORIGINAL, Rig.failure(OVERLOADED));
        assertThat(call).isNotDone();
        assertThat(rig.transport.sends()).isEqualTo(HEDGE + 1);
        rig.answer(HEDGE);
        assertThat(call.join().value()).isEqualTo("answer " + HEDGE);
    }

    @Test
    void hedge_thatFails_leavesItToTheOriginal() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.fail(HEDGE, Rig.failure(OVERLOADED));
        assertThat(call).isNotDone();
        rig.answer(ORIGINAL);
        assertThat(call.join().value()).isEqualTo("answer " + ORIGINAL);
    }

    @Test
    void both_failing_areFollowedByOneRetryWithinTheCap() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.fail(HEDGE, Rig.failure(OVERLOADED));
        rig.fail(ORIGINAL, Rig.failure(OVERLOADED));
        rig.advanceMillis(100);
        rig.fail(HEDGE + 1, Rig.failure(OVERLOADED));
        InferenceException error = Rig.errorOf(call);
        assertThat(error.attempts()).isEqualTo(3);
        assertThat(error.getSuppressed()).hasSize(2);
        assertThat(recorder.snapshot().retries()).isEqualTo(1);
    }

    @Test
    void retry_afterAHedge_isNotHedgedAgain() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.fail(HEDGE, Rig.failure(OVERLOADED));
        rig.fail(ORIGINAL, Rig.failure(OVERLOADED));
        rig.advanceMillis(100 + SLOW_MILLIS);
        rig.answer(HEDGE + 1);
        assertThat(call.join().attemptReasons()).containsExactly(Reason.FIRST, Reason.HEDGE, Reason.RETRY);
    }

    @Test
    void both_failing_areNotFollowedWhereOneForbidsIt() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        InferenceException never = InferenceException.of(ErrorCategory.THROTTLED)
                .pushback(Duration.ofMillis(-1))
                .build();
        rig.fail(HEDGE, never);
        rig.fail(ORIGINAL, Rig.failure(OVERLOADED));
        assertThat(Rig.errorOf(call).getSuppressed()).hasSize(1);
        assertThat(rig.clock.pendingTimers()).as("backoffs").isZero();
    }

    @Test
    void both_failing_areFollowedAfterTheLongerPushback() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.fail(
                HEDGE,
                InferenceException.of(ErrorCategory.THROTTLED)
                        .pushback(Duration.ofSeconds(5))
                        .build());
        rig.fail(ORIGINAL, Rig.failure(OVERLOADED));
        rig.advanceMillis(4_999);
        assertThat(rig.transport.sends()).isEqualTo(HEDGE + 1);
        rig.advanceMillis(501);
        rig.answer(HEDGE + 1);
        assertThat(call).isCompleted();
    }

    @Test
    void hedge_thatAnswersWhenTheOriginalHasWon_isSuperseded() {
        CallListener answering = new CallListener() {
            @Override
            public void attemptEnded(CallEvent event) {
                if (event.reason() == Reason.FIRST && rig.transport.sends() > HEDGE) {
                    rig.answer(HEDGE);
                }
            }
        };
        CompletableFuture<Prediction<String>> call = slow(known(hedging().listener(answering)));
        rig.answer(ORIGINAL);
        assertThat(call.join().value()).isEqualTo("answer " + ORIGINAL);
        assertHedges(1, 0);
        assertThat(rig.events.lines()).contains("attempt- 101 Superseded");
    }

    @Test
    void hedge_thatGetsItsPlaceTooLate_isNotSent() {
        LimitPolicy two = LimitPolicy.builder().maxInFlight(2).maxQueued(1).build();
        Predictor<String, String> predictor = known(hedging().limits(two));
        CompletableFuture<String> call =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(30)));
        CompletableFuture<String> other =
                predictor.predictAsync("b", CallOptions.none().withIdempotent(false));
        rig.advanceMillis(SLOW_MILLIS); // the hedge waits for a place
        rig.advanceMillis(SLOW_MILLIS);
        rig.answer(ORIGINAL + 1);
        assertThat(other).isCompleted();
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 2);
        rig.answer(ORIGINAL);
        assertThat(call).isCompleted();
    }

    @Test
    void attempts_thatTheDeadlineEnds_countAsSlow() {
        Predictor<String, String> predictor = known(hedging());
        CallOptions brief = CallOptions.none().withIdempotent(false).withTimeout(Duration.ofMillis(500));
        for (int i = 0; i < 10; i++) { // of 110, so that the 95th percentile is theirs
            CompletableFuture<String> hanging = predictor.predictAsync("a", brief);
            rig.advanceMillis(500);
            assertThat(Rig.errorOf(hanging).category()).isEqualTo(ErrorCategory.DEADLINE);
        }
        int sent = rig.transport.sends();
        CompletableFuture<Prediction<String>> call = slow(predictor);
        assertThat(rig.transport.sends()).isEqualTo(sent + 1);
        rig.answer(sent);
        assertThat(call).isCompleted();
    }

    @Test
    void cancel_stopsBoth() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        call.cancel(true);
        assertThat(rig.transport.cancels()).isEqualTo(2);
        rig.assertAtRest();
        assertHedges(1, 0);
    }

    @Test
    void deadline_stopsBoth() {
        CompletableFuture<Prediction<String>> call = slow(known(hedging()));
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(rig.transport.cancels()).isEqualTo(2);
    }

    @Test
    void hedge_refusedByTheLimits_costsTheCallNothing() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(0).build();
        Predictor<String, String> predictor = known(hedging().limits(one));
        double budget = Rig.gates(predictor).budget();
        CompletableFuture<Prediction<String>> call = slow(predictor);
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 1);
        assertThat(Rig.gates(predictor).budget()).isEqualTo(budget);
        for (int attempt = ORIGINAL; attempt < ORIGINAL + 2; attempt++) {
            rig.fail(attempt, Rig.failure(OVERLOADED));
            rig.advanceMillis(100);
        }
        rig.answer(ORIGINAL + 2);
        assertThat(call.join().attemptReasons()).containsExactly(Reason.FIRST, Reason.RETRY, Reason.RETRY);
    }

    @Test
    void hedge_stillQueuedWhenTheOriginalAnswers_isNeverSent() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(1).build();
        CompletableFuture<Prediction<String>> call = slow(known(hedging().limits(one)));
        rig.answer(ORIGINAL);
        assertThat(call).isCompleted();
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 1);
    }

    @Test
    void hedge_refusedByTheBreaker_leavesTheOriginalAlone() {
        BreakerPolicy touchy = BreakerPolicy.builder().window(1).minSeen(1).build();
        Predictor<String, String> predictor = known(hedging().breaker(touchy));
        CompletableFuture<Prediction<String>> call = predictor.callAsync("a", CallOptions.none());
        CompletableFuture<String> other =
                predictor.predictAsync("b", CallOptions.none().withIdempotent(false));
        rig.fail(ORIGINAL + 1, Rig.failure(ErrorCategory.MODEL_FAULT));
        assertThat(other).isCompletedExceptionally();
        rig.advanceMillis(SLOW_MILLIS);
        rig.answer(ORIGINAL);
        assertThat(call.join().attempts()).isEqualTo(1);
    }

    @Test
    void hedge_thatTheBudgetDoesNotPay_isNotMade() {
        RetryPolicy poor = RetryPolicy.builder()
                .budgetInitial(0)
                .budgetPerSecond(0)
                .budgetRatio(0)
                .build();
        CompletableFuture<Prediction<String>> call = slow(known(hedging().retry(poor)));
        rig.answer(ORIGINAL);
        assertThat(call.join().attempts()).isEqualTo(1);
    }

    @Test
    void hedges_areAShareOfTheRequests() {
        Predictor<String, String> predictor = known(hedging());
        int hedged = 0;
        for (int i = 0; i < 20; i++) { // 100 calls in one second have paid for 5
            int original = rig.transport.sends();
            CompletableFuture<Prediction<String>> call = slow(predictor);
            hedged += rig.transport.sends() - original - 1;
            call.cancel(true);
        }
        assertThat(hedged).isEqualTo(5);
    }

    @Test
    void hedge_withoutEnoughSamplesOrIdempotence_isNotMade() {
        Predictor<String, String> fresh = rig.build(hedging());
        CompletableFuture<Prediction<String>> unknown = slow(fresh);
        assertThat(rig.transport.sends()).isEqualTo(1);
        rig.answer(0);
        assertThat(unknown).isCompleted();
        rig.know(fresh, ORIGINAL, 10);
        CompletableFuture<String> unsafe =
                fresh.predictAsync("a", CallOptions.none().withIdempotent(false));
        rig.advanceMillis(SLOW_MILLIS);
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 2);
        rig.answer(ORIGINAL + 1);
        assertThat(unsafe).isCompleted();
    }

    @Test
    void hedge_withLessThanTheUsualTimeLeft_isNotMade() {
        Predictor<String, String> predictor = known(hedging());
        CompletableFuture<String> call =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(15)));
        rig.advanceMillis(SLOW_MILLIS);
        rig.answer(ORIGINAL);
        assertThat(call).isCompleted();
        assertHedges(0, 0);
    }

    @Test
    void hedge_comingWhenItsAttemptIsOver_isNotMadeBesideTheNext() {
        Queue<Runnable> held = new ArrayDeque<>();
        AtomicBoolean holding = new AtomicBoolean();
        Predictor<String, String> predictor = known(hedging().callbackExecutor(task -> {
            if (holding.get()) {
                held.add(task);
            } else {
                task.run();
            }
        }));
        CompletableFuture<Prediction<String>> call = predictor.callAsync("a", CallOptions.none());
        holding.set(true);
        rig.advanceMillis(SLOW_MILLIS); // the hedge waits for a thread
        holding.set(false);
        rig.fail(ORIGINAL, Rig.failure(ErrorCategory.CONNECT)); // and the transparent attempt is faster
        held.remove().run();
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 2);
        rig.answer(ORIGINAL + 1);
        assertThat(call.join().attemptReasons()).containsExactly(Reason.FIRST, Reason.TRANSPARENT);
    }

    @Test
    void close_meansNoHedgesAnyMore() {
        Predictor<String, String> predictor = known(hedging());
        CompletableFuture<String> call = predictor.predictAsync("a");
        Thread closer = new Thread(predictor::close);
        closer.start();
        Rig.until(() -> closer.getState() == Thread.State.WAITING);
        rig.advanceMillis(SLOW_MILLIS);
        assertThat(rig.transport.sends()).isEqualTo(ORIGINAL + 1);
        rig.answer(ORIGINAL);
        assertThat(call).isCompleted();
        Rig.until(() -> !closer.isAlive());
    }

    @Test
    void hedgeTimer_refusedByTheScheduler_costsTheCallNothing() {
        AtomicInteger refusals = new AtomicInteger();
        Scheduler moody = (task, delay) -> {
            if (delay < Duration.ofSeconds(1).toNanos()) {
                refusals.incrementAndGet();
                throw new RejectedExecutionException();
            }
            return rig.clock.schedule(task, delay);
        };
        Predictor<String, String> predictor = known(hedging().time(rig.clock, moody));
        CompletableFuture<String> call = predictor.predictAsync("a");
        assertThat(refusals).hasValue(1);
        rig.answer(ORIGINAL);
        assertThat(call).isCompleted();
    }
}
