package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each failure leads to: how many attempts, what the breaker counts, and whether an adaptive limit falls. */
class ErrorTableTest {
    private static final String TABLE = "/io/foretell/error-table.csv";
    private static final String MANY = "many";

    /** Opens when the last two that counted have failed. */
    private static final BreakerPolicy LAST_TWO =
            BreakerPolicy.builder().window(2).minSeen(2).failureRate(1).build();

    private final Rig rig = new Rig();

    @ParameterizedTest
    @CsvFileSource(resources = TABLE, useHeadersInDisplayName = true)
    void failure_leadsTo(
            ErrorCategory category,
            RetrySafety ran,
            Integer maxRetries,
            String attempts,
            String attemptsIfNotIdempotent,
            String breaker,
            boolean limitFalls) {
        InferenceException error = error(category, ran, maxRetries);
        assertAttempts(error, true, attempts);
        assertAttempts(error, false, attemptsIfNotIdempotent);
        assertThat(seenByTheBreaker(error)).isEqualTo(breaker);
        assertThat(limitAfter(error)).isEqualTo(limitFalls ? 18 : 20);
        rig.assertAtRest();
    }

    @ParameterizedTest
    @EnumSource(names = {"INVALID_REQUEST", "PAYLOAD_TOO_LARGE"})
    void breaker_ofWhatTheTransportRefusedToSend_learnsNothing(ErrorCategory category) {
        assertThat(seenByTheBreaker(Rig.failure(category))).isEqualTo("NONE");
        rig.assertAtRest();
    }

    private static InferenceException error(ErrorCategory category, RetrySafety ran, Integer maxRetries) {
        InferenceException.Builder error =
                InferenceException.of(category).retrySafety(ran).transportCode("code");
        return maxRetries == null ? error.build() : error.maxRetries(maxRetries).build();
    }

    private void assertAttempts(InferenceException error, boolean idempotent, String expected) {
        rig.transport.fail(() -> error);
        CompletableFuture<String> call = rig.build(
                        rig.retrying().idempotent(idempotent).breaker(BreakerPolicy.none()))
                .predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT);
        InferenceException seen = Rig.errorOf(call);
        assertThat(seen.category()).isEqualTo(error.category());
        if (expected.equals(MANY)) {
            assertThat(seen.attempts()).isGreaterThan(3);
        } else {
            assertThat(seen.attempts()).isEqualTo(Integer.parseInt(expected));
        }
    }

    private String seenByTheBreaker(InferenceException error) {
        Predictor<String, String> predictor = rig.build(rig.builder().breaker(LAST_TWO));
        fail(predictor, Rig.failure(ErrorCategory.MODEL_FAULT));
        fail(predictor, error);
        if (Rig.gates(predictor).breaker(0).equals("OPEN")) {
            return "FAILURE";
        }
        fail(predictor, Rig.failure(ErrorCategory.MODEL_FAULT));
        return Rig.gates(predictor).breaker(0).equals("OPEN") ? "NONE" : "SUCCESS";
    }

    private int limitAfter(InferenceException error) {
        Predictor<String, String> predictor = rig.build(
                rig.builder().limits(LimitPolicy.builder().adaptive(1, 100).build()));
        fail(predictor, error);
        return Rig.gates(predictor).limit(0);
    }

    private void fail(Predictor<String, String> predictor, InferenceException error) {
        rig.transport.fail(() -> error);
        assertThat(predictor.predictAsync("a")).isCompletedExceptionally();
    }
}
