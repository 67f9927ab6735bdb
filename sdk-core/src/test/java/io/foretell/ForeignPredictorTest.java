package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Predictors that users write themselves are derived from like ours. */
@Timeout(60)
class ForeignPredictorTest {
    private final Rig rig = new Rig();
    private final Foreign foreign = new Foreign(rig.predictor());

    /** Passes on to another, in ways of its own. */
    private static final class Foreign implements Predictor<String, String> {
        private final Predictor<String, String> target;
        private RuntimeException thrown;
        private Supplier<CompletableFuture<List<ItemResult<Prediction<String>>>>> answer;
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
            return answer == null ? target.callAllAsync(inputs, options) : answer.get();
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

    private static Stream<Arguments> wrongAnswers() {
        Supplier<CompletableFuture<?>> none = () -> null;
        ItemResult<?> error = ItemResult.failed(Rig.failure(ErrorCategory.OVERLOADED));
        return Stream.of(
                arguments("no future", none),
                arguments("null for 1 inputs", answering(null)),
                arguments("0 results for 1 inputs", answering(List.of())),
                arguments("2 results for 1 inputs", answering(List.of(error, error))),
                arguments("null for input 0", answering(Collections.singletonList(null))));
    }

    private static Supplier<CompletableFuture<?>> answering(List<?> results) {
        return () -> CompletableFuture.completedFuture(results);
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void foreign_thatAnswersWrongly_failsTheCall(
            String given, Supplier<CompletableFuture<List<ItemResult<Prediction<String>>>>> answer) {
        foreign.answer = answer;
        Rig failing = new Rig();
        failing.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED));

        for (Predictor<String, String> derived : List.of(
                foreign.withSingleFlight(Function.identity()),
                foreign.withCache(Function.identity(), 10, Duration.ofMinutes(1)),
                foreign.withFallback(rig.echo().predictor()))) {
            InferenceException error = Rig.errorOf(derived.predictAsync("a"));
            assertThat(error.category()).isEqualTo(ErrorCategory.INTERNAL);
            assertThat(error).hasMessageContaining(Foreign.class.getName() + " gave " + given);
        }
        InferenceException covered =
                Rig.errorOf(failing.predictor().withFallback(foreign).predictAsync("a"));
        assertThat(covered.category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(covered.getSuppressed()[0]).hasMessageContaining(given);
    }

    @Test
    void foreign_thatFailsOneItem_failsTheCallWithItsError() {
        InferenceException error = Rig.failure(ErrorCategory.OVERLOADED);
        foreign.answer = () -> CompletableFuture.completedFuture(List.of(ItemResult.failed(error)));

        assertThat(Rig.errorOf(foreign.withSingleFlight(Function.identity()).predictAsync("a")))
                .isSameAs(error);
    }

    @Test
    void keyThatThrows_whereACallIsJoinedAgain_failsItsCaller() {
        AtomicBoolean broken = new AtomicBoolean();
        record Key(AtomicBoolean broken) {
            @Override
            public boolean equals(Object other) {
                if (broken.get()) {
                    throw new IllegalStateException("broken");
                }
                return other instanceof Key;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        Predictor<String, String> predictor = rig.predictor().withSingleFlight(input -> new Key(broken));
        predictor.predictAsync("a");
        CallOptions longer = CallOptions.none().withTimeout(Rig.TIMEOUT.multipliedBy(2));
        CompletableFuture<String> joined = predictor.predictAsync("a", longer);
        CompletableFuture<String> alsoJoined = predictor.predictAsync("a", longer);
        broken.set(true);
        rig.clock.advance(Rig.TIMEOUT);

        assertThat(List.of(joined, alsoJoined)).anyMatch(CompletableFuture::isCompletedExceptionally);
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
    void callbacks_ofAForeignOne_runOnThreadsOfTheirOwn() {
        Surroundings around = Surroundings.of(foreign);
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        around.callbacks().execute(() -> ran.complete(Thread.currentThread()));

        assertThat(ran.join().getName()).startsWith("foretell-callback-");
        assertThat(ran.join().isDaemon()).isTrue();
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
