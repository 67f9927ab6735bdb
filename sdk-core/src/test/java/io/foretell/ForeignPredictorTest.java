package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Predictors that users write themselves are derived from like ours. */
@Timeout(60)
class ForeignPredictorTest {
    private final Rig rig = new Rig();
    private final Foreign foreign = new Foreign(rig.predictor());

    /** Passes on to another, in ways of its own. */
    private static final class Foreign implements Predictor<String, String> {
        private final Predictor<String, String> target;
        private RuntimeException thrown;
        private CallOptions seen;

        Foreign(Predictor<String, String> target) {
            this.target = target;
        }

        @Override
        public CompletableFuture<String> predictAsync(String input, CallOptions options) {
            return target.predictAsync(input, options);
        }

        @Override
        public Prediction<String> call(String input, CallOptions options) {
            return target.call(input, options);
        }

        @Override
        public CompletableFuture<Prediction<String>> callAsync(String input, CallOptions options) {
            return target.callAsync(input, options);
        }

        @Override
        public List<ItemResult<Prediction<String>>> callAll(List<String> inputs, CallOptions options) {
            return target.callAll(inputs, options);
        }

        @Override
        public CompletableFuture<List<ItemResult<Prediction<String>>>> callAllAsync(
                List<String> inputs, CallOptions options) {
            seen = options;
            if (thrown != null) {
                throw thrown;
            }
            return target.callAllAsync(inputs, options);
        }

        @Override
        public PredictorBuilder<String, String> toBuilder() {
            return target.toBuilder();
        }

        @Override
        public void close() {
            target.close();
        }
    }

    @Test
    void derived_ofAForeignOne_answersInAllWays() {
        rig.echo();
        Predictor<String, String> predictor = foreign.withFallback("usual")
                .withSingleFlight(Function.identity())
                .withCache(Function.identity(), 10, Duration.ofMinutes(1));

        assertThat(predictor.predict("a")).isEqualTo("a");
        assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        assertThat(predictor.predictAll(List.of("a", "b", "c"))).containsExactly("a", "b", "c");
        assertThat(rig.transport.sends()).isEqualTo(3);
        predictor.close();
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void foreign_thatThrows_failsTheCallByItsFuture() {
        foreign.thrown = InferenceException.of(ErrorCategory.INTERNAL).build();

        assertThat(Rig.errorOf(foreign.withSingleFlight(Function.identity()).predictAsync("a")))
                .isSameAs(foreign.thrown);
    }

    @Test
    void foreign_asTheFallback_getsWhatIsLeftOfTheTime() {
        rig.echo();
        Rig failing = new Rig();
        failing.transport.fail(
                () -> InferenceException.of(ErrorCategory.OVERLOADED).build());

        assertThat(failing.predictor().withFallback(foreign).predict("a")).isEqualTo("a");
        assertThat(foreign.seen.timeout()).isEqualTo(Rig.TIMEOUT);
    }

    @Test
    void deadline_ofOneWhoJoinedAForeignCall_isHeld() {
        Predictor<String, String> predictor = foreign.withSingleFlight(Function.identity());
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> hasty =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(1)));

        Rig.until(hasty::isDone);
        assertThat(Rig.errorOf(hasty).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(first).isNotDone();
        first.cancel(true);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }
}
