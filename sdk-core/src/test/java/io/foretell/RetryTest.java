package io.foretell;

import static io.foretell.error.ErrorCategory.CONNECT;
import static io.foretell.error.ErrorCategory.LOCAL_REJECTED;
import static io.foretell.error.ErrorCategory.NOT_READY;
import static io.foretell.error.ErrorCategory.OVERLOADED;
import static io.foretell.error.ErrorCategory.THROTTLED;
import static io.foretell.error.ErrorCategory.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent.Reason;
import io.foretell.event.Phase;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an attempt follows another, and when none does. */
class RetryTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void failures_upToTheCap_areRetriedAndAllTold() {
        Predictor<String, String> predictor = rig.build(rig.retrying());
        CompletableFuture<String> call = predictor.predictAsync("a");
        for (int attempt = 0; attempt < 3; attempt++) {
            assertThat(rig.transport.sends()).isEqualTo(attempt + 1);
            assertThat(call).isNotDone();
            rig.fail(attempt, Rig.failure(OVERLOADED));
            rig.advanceMillis(50L << attempt);
        }
        InferenceException error = Rig.errorOf(call);
        assertThat(error.category()).isEqualTo(OVERLOADED);
        assertThat(error.attempts()).isEqualTo(3);
        assertThat(error.budgetRefused()).isFalse();
        assertThat(error.getSuppressed()).hasSize(2).allMatch(each -> each instanceof InferenceException);
        assertThat(Rig.gates(predictor).budget()).isLessThan(100);
    }

    @Test
    void success_afterARetry_tellsWhyAndHowLongItWaited() {
        CompletableFuture<Prediction<String>> call = rig.build(rig.retrying()).callAsync("a", CallOptions.none());
        rig.fail(0, Rig.failure(OVERLOADED));
        rig.advanceMillis(50);
        rig.answer(1);
        Prediction<String> prediction = call.join();
        assertThat(prediction.attemptReasons()).containsExactly(Reason.FIRST, Reason.RETRY);
        assertThat(prediction.attempts()).isEqualTo(2);
        assertThat(prediction.timings().nanos(Phase.BACKOFF)).isBetween(1L, 50_000_000L);
    }

    @Test
    void retry_withLessThanTheUsualTimeLeft_isNotMade() {
        Predictor<String, String> predictor = rig.build(rig.retrying().attemptTimeout(Duration.ofSeconds(9)));
        rig.know(predictor, 100, 200);
        CompletableFuture<String> call =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(300)));
        rig.advanceMillis(150);
        rig.fail(100, Rig.failure(OVERLOADED));
        assertThat(Rig.errorOf(call).category()).isEqualTo(OVERLOADED);
        assertThat(rig.transport.sends()).isEqualTo(101);
    }

    @Test
    void retry_withLessThanAMillisecondLeft_isNotMade() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT.minusNanos(999_999));
        rig.fail(0, Rig.failure(CONNECT));
        assertThat(Rig.errorOf(call).category()).isEqualTo(CONNECT);
    }

    @Test
    void first_attempt_startsHoweverLittleTimeThereIs() {
        Predictor<String, String> predictor = rig.build(rig.retrying());
        rig.know(predictor, 100, 200);
        CompletableFuture<String> call =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofNanos(1)));
        assertThat(rig.transport.sends()).isEqualTo(101);
        rig.advanceMillis(1);
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.DEADLINE);
    }

    @Test
    void deadline_afterFailures_endsTheCallAndTellsThem() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        rig.clock.advance(Rig.TIMEOUT);
        InferenceException error = Rig.errorOf(call);
        assertThat(error.category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(error.attempts()).isEqualTo(2);
        assertThat(error.getSuppressed()).singleElement().isInstanceOf(InferenceException.class);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void budget_usedUp_endsTheCallAtOnceAndSaysSo() {
        RetryPolicy poor = budget(0, 0, 1);
        CompletableFuture<String> call = rig.build(rig.retrying().retry(poor)).predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        rig.advanceMillis(50);
        rig.fail(1, Rig.failure(OVERLOADED));
        InferenceException error = Rig.errorOf(call);
        assertThat(error.budgetRefused()).isTrue();
        assertThat(error.attempts()).isEqualTo(2);
    }

    @Test
    void budget_paidForACallThatIsCancelledInItsBackoff_isGivenBack() {
        Predictor<String, String> predictor = rig.build(rig.retrying().retry(budget(0, 0, 1)));
        CompletableFuture<String> cancelled = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        cancelled.cancel(true);
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(1, Rig.failure(OVERLOADED));
        rig.advanceMillis(50);
        rig.answer(2);
        assertThat(call).isCompleted();
    }

    @Test
    void budget_isFedBySuccesses() {
        Predictor<String, String> predictor = rig.build(rig.retrying().retry(budget(0.2, 0, 0)));
        for (int i = 0; i < 5; i++) {
            CompletableFuture<String> call = predictor.predictAsync("a");
            rig.answer(i);
            assertThat(call).isCompleted();
        }
        CompletableFuture<String> paid = predictor.predictAsync("a");
        CompletableFuture<String> unpaid = predictor.predictAsync("a");
        rig.fail(5, Rig.failure(OVERLOADED));
        rig.fail(6, Rig.failure(OVERLOADED));
        assertThat(Rig.errorOf(unpaid).budgetRefused()).isTrue();
        rig.advanceMillis(50);
        rig.answer(7);
        assertThat(paid).isCompleted();
    }

    private static RetryPolicy budget(double ratio, double perSecond, int initial) {
        return RetryPolicy.builder()
                .budgetRatio(ratio)
                .budgetPerSecond(perSecond)
                .budgetInitial(initial)
                .build();
    }

    @Test
    void modelStillLoading_isAskedUntilTheDeadlineAndOutsideTheCap() {
        CompletableFuture<String> call =
                rig.build(rig.retrying().timeout(Duration.ofMinutes(2))).predictAsync("a");
        for (int attempt = 0; attempt < 5; attempt++) {
            assertThat(rig.transport.sends()).isEqualTo(attempt + 1);
            rig.fail(attempt, Rig.failure(NOT_READY));
            rig.advanceMillis((500L << attempt) - 1);
            assertThat(rig.transport.sends()).as("patient").isEqualTo(attempt + 1);
            rig.advanceMillis((500L << attempt) + 1);
        }
        for (int attempt = 5; attempt < 7; attempt++) {
            rig.fail(attempt, Rig.failure(OVERLOADED));
            rig.clock.advance(Duration.ofSeconds(5));
        }
        rig.answer(7);
        assertThat(call).isCompletedWithValue("answer 7");
    }

    @Test
    void pushback_isHonouredAndAtMostATenthLater() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.fail(0, pushedBack(Duration.ofSeconds(6)));
        rig.advanceMillis(5_999);
        assertThat(rig.transport.sends()).isEqualTo(1);
        rig.advanceMillis(601);
        rig.answer(1);
        assertThat(call).isCompleted();
    }

    @Test
    void pushback_negative_stops() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.fail(0, pushedBack(Duration.ofMillis(-1)));
        assertThat(Rig.errorOf(call).category()).isEqualTo(THROTTLED);
    }

    @Test
    void pushback_beyondTheDeadline_failsNowWithTheErrorItself() {
        Predictor<String, String> predictor = rig.build(rig.retrying());
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(0, pushedBack(Rig.TIMEOUT));
        assertThat(Rig.errorOf(call).category()).isEqualTo(THROTTLED);
        assertThat(Rig.errorOf(call).budgetRefused()).isFalse();
        assertThat(Rig.gates(predictor).budget()).isEqualTo(100);
    }

    private static InferenceException pushedBack(Duration pushback) {
        return InferenceException.of(THROTTLED).pushback(pushback).build();
    }

    @Test
    void cancel_inBackoff_leavesNothingBehind() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        call.cancel(true);
        assertThat(rig.clock.pendingTimers()).isZero();
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(rig.transport.sends()).isEqualTo(1);
        assertThat(rig.events.lines()).endsWith("request- 1 CancellationException", "call- 1 CancellationException");
    }

    @Test
    void retry_thatTheLimitsRefuse_endsWithTheFirstError() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(0).build();
        Predictor<String, String> predictor = rig.build(rig.retrying().limits(one));
        CompletableFuture<String> retried = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        CompletableFuture<String> between = predictor.predictAsync("b");
        rig.advanceMillis(50);
        InferenceException error = Rig.errorOf(retried);
        assertThat(error.category()).isEqualTo(OVERLOADED);
        assertThat(error.getSuppressed())
                .singleElement()
                .satisfies(each ->
                        assertThat(((InferenceException) each).category()).isEqualTo(LOCAL_REJECTED));
        assertThat(error.attempts()).isEqualTo(1);
        assertThat(Rig.gates(predictor).budget()).isEqualTo(100);
        rig.answer(1);
        assertThat(between).isCompleted();
    }

    @Test
    void retry_thatGetsItsPlaceTooLate_endsWithTheFirstError() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(1).build();
        Predictor<String, String> predictor = rig.build(rig.retrying().limits(one));
        CompletableFuture<String> retried = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        CompletableFuture<String> between =
                predictor.predictAsync("b", CallOptions.none().withTimeout(Rig.TIMEOUT.multipliedBy(2)));
        rig.clock.advance(Rig.TIMEOUT.minusNanos(999_999));
        rig.answer(1);
        assertThat(between).isCompleted();
        assertThat(Rig.errorOf(retried).category()).isEqualTo(OVERLOADED);
        assertThat(Rig.errorOf(retried).attempts()).isEqualTo(1);
    }

    @Test
    void backoff_afterAModelWasLoaded_beginsAnew() {
        CompletableFuture<String> call =
                rig.build(rig.retrying().timeout(Duration.ofMinutes(2))).predictAsync("a");
        for (int attempt = 0; attempt < 5; attempt++) {
            rig.fail(attempt, Rig.failure(NOT_READY));
            rig.clock.advance(Duration.ofSeconds(16));
        }
        rig.fail(5, Rig.failure(OVERLOADED));
        rig.advanceMillis(50);
        rig.answer(6);
        assertThat(call).isCompleted();
    }

    @Test
    void failure_retriedOnce_hasItsRetryAfterAnotherOfItsCategory() {
        CompletableFuture<String> call = rig.build(rig.retrying()).predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.SERVER_FAULT));
        rig.advanceMillis(50);
        rig.fail(
                1,
                InferenceException.of(ErrorCategory.SERVER_FAULT).maxRetries(1).build());
        rig.advanceMillis(100);
        rig.answer(2);
        assertThat(call).isCompleted();
    }

    @Test
    void neverArrived_isRetriedFreeAndAtOnce_butOnce() {
        Predictor<String, String> predictor = rig.build(rig.retrying());
        CompletableFuture<Prediction<String>> call = predictor.callAsync("a", CallOptions.none());
        rig.fail(0, Rig.failure(CONNECT));
        assertThat(rig.transport.sends()).isEqualTo(2);
        assertThat(Rig.gates(predictor).budget()).isEqualTo(100);
        rig.fail(1, Rig.failure(CONNECT));
        assertThat(rig.transport.sends()).isEqualTo(2);
        assertThat(Rig.gates(predictor).budget()).isEqualTo(99);
        rig.advanceMillis(50);
        rig.fail(2, Rig.failure(CONNECT));
        rig.advanceMillis(100);
        rig.answer(3);
        assertThat(call.join().attemptReasons())
                .containsExactly(Reason.FIRST, Reason.TRANSPARENT, Reason.RETRY, Reason.RETRY);
    }

    @Test
    void modelFaults_areRetriedWhereAllowed() {
        RetryPolicy once = RetryPolicy.builder().modelFaults(1).build();
        CompletableFuture<String> call = rig.build(rig.retrying().retry(once)).predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.MODEL_FAULT));
        rig.advanceMillis(50);
        rig.fail(1, Rig.failure(ErrorCategory.MODEL_FAULT));
        assertThat(Rig.errorOf(call).attempts()).isEqualTo(2);
    }

    @Test
    void credentialsAndClocks_areTriedAgainAtOnceAndOnce() {
        for (ErrorCategory category : List.of(ErrorCategory.AUTH_EXPIRED, ErrorCategory.CLOCK_SKEW)) {
            Rig other = new Rig();
            other.transport.fail(() -> Rig.failure(category));
            Rig.errorOf(other.build(other.retrying()).predictAsync("a"));
            assertThat(other.transport.sends()).isEqualTo(2);
            other.assertAtRest();
        }
    }

    @Test
    void idempotence_ofTheCall_overridesThePredictors() {
        Predictor<String, String> predictor = rig.build(rig.retrying().idempotent(false));
        CompletableFuture<String> unsafe = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(TIMEOUT));
        assertThat(Rig.errorOf(unsafe).attempts()).isEqualTo(1);
        CompletableFuture<String> safe =
                predictor.predictAsync("a", CallOptions.none().withIdempotent(true));
        rig.fail(1, Rig.failure(TIMEOUT));
        rig.advanceMillis(50);
        rig.answer(2);
        assertThat(safe).isCompleted();
    }

    @Test
    void description_namesWhatDecidesAtNight() {
        String text = rig.build(
                        rig.retrying().attemptTimeout(Duration.ofSeconds(1)).idempotent(false))
                .toString();
        assertThat(text)
                .contains("fake nowhere", "timeout PT10S", "attempt timeout PT1S", "3 attempts", "budget 20 % + 10/s")
                .contains("not idempotent", "no hedging", RetryPolicy.defaults().toString());
    }

    @Test
    void hedgingAndAttemptTimeout_inACopy_canBeTurnedOffAgain() {
        Predictor<String, String> predictor =
                rig.build(rig.retrying().hedging(HedgingPolicy.defaults()).attemptTimeout(Duration.ofSeconds(1)));

        assertThat(predictor.toString()).contains("hedge after p95", "attempt timeout");
        assertThat(rig.build(predictor.toBuilder()
                                .hedging(HedgingPolicy.none())
                                .attemptTimeout(null)
                                .idempotent(false))
                        .toString())
                .contains("no hedging")
                .doesNotContain("attempt timeout");
    }

    @Test
    void hedging_withoutASecondAttempt_isRefusedByTheBuilder() {
        assertThatThrownBy(() -> rig.builder().hedging(HedgingPolicy.defaults()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxAttempts is 1");
    }
}
