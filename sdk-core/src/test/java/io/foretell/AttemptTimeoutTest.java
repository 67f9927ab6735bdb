package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limit of one attempt beside that of the call. */
class AttemptTimeoutTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private PredictorBuilder<String, String> limited(long millis) {
        return rig.retrying().attemptTimeout(Duration.ofMillis(millis));
    }

    @Test
    void attempt_thatTakesTooLong_isStoppedAndRetriedOnce() {
        CompletableFuture<String> call = rig.build(limited(400)).predictAsync("a");
        rig.advanceMillis(399);
        assertThat(rig.transport.cancels()).isZero();
        rig.advanceMillis(1);
        assertThat(rig.transport.cancels()).isEqualTo(1);
        rig.advanceMillis(50 + 400);
        InferenceException error = Rig.errorOf(call);
        assertThat(error.category()).isEqualTo(ErrorCategory.TIMEOUT);
        assertThat(error.attempts()).isEqualTo(2);
        assertThat(error).hasMessage("attempt 2 at fake nowhere had no answer after 400.0 ms");
    }

    @Test
    void attempt_longerThanTheCall_endsWithTheCallsDeadline() {
        CompletableFuture<String> call = rig.build(limited(20_000)).predictAsync("a");
        assertThat(rig.transport.sent(0).context().deadline().remainingNanos()).isEqualTo(Rig.TIMEOUT.toNanos());
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.DEADLINE);
    }

    @Test
    void transport_thatKeepsTheAttemptsDeadlineItself_timesTheAttemptOut() {
        CompletableFuture<String> call = rig.build(limited(400)).predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.DEADLINE));
        rig.advanceMillis(50);
        rig.answer(1);
        assertThat(call).isCompleted();
        assertThat(rig.events.lines()).contains("attempt- 1 TIMEOUT");
    }

    @Test
    void attempt_thatQueued_hasItsWholeTimeOnTheWire() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(1).build();
        Predictor<String, String> predictor = rig.build(limited(400).limits(one));
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> queued = predictor.predictAsync("b");
        rig.advanceMillis(399);
        rig.answer(0);
        assertThat(rig.transport.sent(1).context().deadline().remainingNanos())
                .isEqualTo(Duration.ofMillis(400).toNanos());
        rig.advanceMillis(399);
        rig.answer(1);
        assertThat(first).isCompleted();
        assertThat(queued).isCompleted();
    }

    @Test
    void probe_withoutALimitOfItsOwn_hasTheBreakers() {
        BreakerPolicy quick = BreakerPolicy.builder()
                .window(1)
                .minSeen(1)
                .probes(1)
                .openFor(Duration.ofSeconds(5))
                .halfOpenFor(Duration.ofSeconds(1))
                .build();
        Predictor<String, String> predictor = rig.build(rig.builder().breaker(quick));
        CompletableFuture<String> failed = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.OVERLOADED));
        assertThat(failed).isCompletedExceptionally();
        rig.advanceMillis(5_001);
        CompletableFuture<String> probe = predictor.predictAsync("b");
        assertThat(Rig.gates(predictor).breaker(0)).isEqualTo("HALF_OPEN");
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(Rig.errorOf(probe).category()).isEqualTo(ErrorCategory.TIMEOUT);
        assertThat(Rig.gates(predictor).breaker(0)).isEqualTo("OPEN");
    }
}
