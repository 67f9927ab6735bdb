package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.AttributeKey;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CacheTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final AttributeKey<String> VARIANT = AttributeKey.of("variant", String.class);

    private final Rig rig = new Rig().echo();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private Predictor<String, String> cached(int maxEntries) {
        return rig.predictor().withCache(Function.identity(), maxEntries, MINUTE);
    }

    private void assertSent(int requests) {
        assertThat(rig.transport.sends()).isEqualTo(requests);
    }

    @Test
    void answer_askedAgain_isGivenAgain() {
        Predictor<String, String> predictor = cached(10);
        Prediction<String> first = predictor.call("a", CallOptions.none());

        assertThat(predictor.call("a", CallOptions.none())).isSameAs(first);
        assertThat(predictor.predict("a")).isEqualTo("a");
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertSent(1);
        assertThat(predictor.predict("b")).isEqualTo("b");
        assertSent(2);
    }

    @Test
    void notIdempotent_askedAgain_isSentAgain() {
        CallOptions once = CallOptions.none().withIdempotent(false);
        Predictor<String, String> predictor = cached(10);
        predictor.call("a", once);
        predictor.call("a", once);
        assertSent(2);

        Predictor<String, String> cautious =
                rig.builder().idempotent(false).build().withCache(Function.identity(), 10, MINUTE);
        cautious.predict("a");
        cautious.predict("a");
        assertSent(4);
        cautious.predict("a", CallOptions.none().withIdempotent(true));
        cautious.predict("a", CallOptions.none().withIdempotent(true));
        assertSent(5);
    }

    @Test
    void answer_afterItsTime_isAskedForAnew() {
        Predictor<String, String> predictor = cached(10);
        predictor.predict("a");
        rig.clock.advance(MINUTE.minusNanos(1));
        predictor.predict("a"); // a use does not prolong it
        assertSent(1);

        rig.clock.advance(Duration.ofNanos(1));
        predictor.predict("a");
        assertSent(2);
    }

    @Test
    void leastRecentlyUsed_whereThereIsNoRoom_goes() {
        Predictor<String, String> predictor = cached(2);
        predictor.predict("a");
        predictor.predict("b");
        predictor.predict("a");
        predictor.predict("c"); // takes the place of b
        assertThat(predictor).asString().endsWith("with a cache of 2");
        assertSent(3);

        predictor.predict("a");
        predictor.predict("c");
        assertSent(3);
        predictor.predict("b");
        assertSent(4);
    }

    @Test
    void failures_areNotKept() {
        Rig failing = new Rig();
        failing.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));
        Predictor<String, String> predictor = failing.predictor().withCache(Function.identity(), 10, MINUTE);
        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(ErrorCategory.OVERLOADED);

        failing.echo();
        assertThat(predictor.predict("a")).isEqualTo("a");
    }

    @Test
    void fallbacks_areNotKept() {
        Rig failing = new Rig();
        failing.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));
        Predictor<String, String> predictor =
                failing.predictor().withFallback("usual").withCache(Function.identity(), 10, MINUTE);
        assertThat(predictor.predict("a")).isEqualTo("usual");

        failing.echo();
        assertThat(predictor.predict("a")).isEqualTo("a");
    }

    @Test
    void calls_withOtherOptions_areOthers() {
        Predictor<String, String> predictor = cached(10);
        predictor.predict("a", CallOptions.none().with(VARIANT, "blue"));
        predictor.predict("a", CallOptions.none().with(VARIANT, "green"));
        predictor.predict("a");
        assertSent(3);

        predictor.predict("a", CallOptions.none().with(VARIANT, "blue").withTimeout(MINUTE));
        assertSent(3);
        predictor.predict("a", CallOptions.none().withIdempotent(false));
        assertSent(4);
    }

    @Test
    void group_asksInOneRequestForWhatIsNotKnown() {
        Predictor<String, String> predictor = cached(10);
        predictor.predict("b");

        assertThat(predictor.predictAll(List.of("a", "b", "c"))).containsExactly("a", "b", "c");
        assertSent(2);
        assertThat(TextCodec.lines(rig.transport.sent(1).request().payload())).containsExactly("a", "c");
        assertThat(predictor.predictAll(List.of("c", "b", "a"))).containsExactly("c", "b", "a");
        assertThat(predictor.predictAll(List.of())).isEmpty();
        assertSent(2);
    }

    @Test
    void arrays_wrappedIntoBuffers_areKeysByContent() {
        Function<String, Object> key = input -> FloatBuffer.wrap(new float[] {input.length()}.clone());
        Predictor<String, String> predictor =
                rig.predictor().withFallback("usual").withSingleFlight(key).withCache(key, 10_000, MINUTE);

        assertThat(predictor.predict("ab")).isEqualTo("ab");
        assertThat(predictor.predict("cd")).isEqualTo("ab");
        assertThat(predictor.predict("e")).isEqualTo("e");
        assertSent(2);
    }

    @Test
    void keyFunction_thatThrowsOrGivesNull_failsItsCallAlone() {
        Predictor<String, String> predictor = rig.predictor()
                .withCache(
                        input -> switch (input) {
                            case "null" -> null;
                            case "throw" -> throw new IllegalStateException("secret " + input);
                            default -> input;
                        },
                        10,
                        MINUTE);
        List<ItemResult<Prediction<String>>> results =
                predictor.callAll(List.of("a", "null", "throw"), CallOptions.none());

        assertThat(results.get(0).value().value()).isEqualTo("a");
        assertThat(results.get(1).error())
                .hasMessage("the key function gave null")
                .extracting(InferenceException::category)
                .isEqualTo(ErrorCategory.INVALID_REQUEST);
        assertThat(results.get(2).error())
                .hasMessage("the key function or its key threw java.lang.IllegalStateException")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> predictor.predict("null")).isInstanceOf(InferenceException.class);
    }

    /** Equal hashes, and an equals that throws. */
    private record BadKey(String text) {
        @Override
        public boolean equals(Object other) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @Test
    void key_whoseEqualsThrows_failsTheCall() {
        Predictor<String, String> predictor = rig.predictor().withCache(BadKey::new, 10, MINUTE);
        predictor.predict("a");

        assertThat(Rig.errorOf(predictor.predictAsync("b")).category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
    }

    @Test
    void cancel_ofAMiss_reachesTheWire() {
        Rig holding = new Rig();
        CompletableFuture<String> future =
                holding.predictor().withCache(Function.identity(), 10, MINUTE).predictAsync("a");
        future.cancel(true);

        assertThat(holding.transport.cancels()).isEqualTo(1);
        holding.assertAtRest();
    }

    @Test
    void close_closesTheWrappedAndAnswersNoMore() {
        Predictor<String, String> predictor = cached(10);
        predictor.predict("a");
        predictor.close();

        assertThat(rig.transport.closes()).isEqualTo(1);
        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(ErrorCategory.CLOSED);
    }

    @Test
    void sizes_thatMakeNoSense_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> cached(0)).withMessage("maxEntries < 1: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rig.predictor().withCache(Function.identity(), 1, Duration.ZERO))
                .withMessage("timeToLive not positive: PT0S");
    }

    @Test
    void cache_usedByManyThreads_staysWithinItsBoundAndRight() throws InterruptedException {
        Predictor<String, String> predictor = rig.predictor().withCache(Function.identity(), 16, MINUTE);
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int step = t + 1;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    String input = String.valueOf(i * step % 24);
                    String value = predictor.predict(input);
                    if (!value.equals(input)) {
                        wrong.add(input + " got " + value);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(wrong).isEmpty();
        assertThat(predictor).asString().endsWith("with a cache of 16");
        assertThat(rig.transport.sends()).isLessThan(8 * 2_000);
    }
}
