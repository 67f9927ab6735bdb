package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class FallbackTest {
    private final Rig rig = new Rig();
    private final Rig other = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
        other.assertAtRest();
    }

    private Predictor<String, String> toValue() {
        return rig.predictor().withFallback("usual");
    }

    /** On the same clock as the first. */
    private Predictor<String, String> toOther() {
        Predictor<String, String> second =
                other.builder().time(rig.clock, rig.clock).build();
        return rig.predictor().withFallback(second);
    }

    private void fail(ErrorCategory category) {
        rig.transport.fail(() -> Rig.failure(category, RetrySafety.UNKNOWN));
    }

    @Test
    void value_whereTheCallSucceeds_isNotUsed() {
        rig.echo();
        Prediction<String> prediction = toValue().call("a", CallOptions.none());

        assertThat(prediction.value()).isEqualTo("a");
        assertThat(prediction.fallbackFor()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"INVALID_REQUEST", "PAYLOAD_TOO_LARGE", "MODEL_CLIENT_ERROR", "CODEC", "CLOSED", "CANCELLED"})
    void value_forAFailureThatIsNotTheCallers_standsInAndSaysSo(ErrorCategory category) {
        fail(category);
        Predictor<String, String> predictor = toValue();

        assertThat(predictor.predict("a")).isEqualTo("usual");
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("usual");
        Prediction<String> prediction = predictor.call("a", CallOptions.none());
        assertThat(prediction.fallbackFor()).isNotNull();
        assertThat(prediction.fallbackFor().category()).isEqualTo(category);
        assertThat(prediction).asString().contains("fallback for " + category);
    }

    @ParameterizedTest
    @EnumSource(names = {"INVALID_REQUEST", "PAYLOAD_TOO_LARGE", "MODEL_CLIENT_ERROR", "CODEC", "CLOSED", "CANCELLED"})
    void failure_thatIsTheCallers_isShown(ErrorCategory category) {
        fail(category);
        Predictor<String, String> predictor = toValue();

        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(category);
        assertThatThrownBy(() -> predictor.predict("a"))
                .isInstanceOfSatisfying(
                        InferenceException.class,
                        error -> assertThat(error.category()).isEqualTo(category));
    }

    @Test
    void value_forACallWithoutAnAnswer_comesAtTheDeadline() {
        CompletableFuture<String> future = toValue().predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT.minusNanos(1));
        assertThat(future).isNotDone();

        rig.clock.advance(Duration.ofNanos(1));
        assertThat(future).isCompletedWithValue("usual");
    }

    @Test
    void cancel_reachesTheWireAndGetsNoFallback() {
        CompletableFuture<String> future = toOther().predictAsync("a");
        future.cancel(true);

        assertThat(future).isCancelled();
        assertThat(rig.transport.cancels()).isEqualTo(1);
        assertThat(other.transport.sends()).isZero();
    }

    @Test
    void group_whereSomeFail_hasFallbacksForThemAlone() {
        rig.echo();
        TextCodec codec = new TextCodec() {
            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                List<ItemResult<String>> all = new ArrayList<>(super.decode(payload, count));
                all.set(1, ItemResult.failed(Rig.failure(ErrorCategory.MODEL_FAULT, RetrySafety.UNSAFE)));
                all.set(2, ItemResult.failed(Rig.failure(ErrorCategory.MODEL_CLIENT_ERROR, RetrySafety.UNSAFE)));
                return all;
            }
        };
        other.echo();
        Predictor<String, String> second = other.predictor();
        List<ItemResult<Prediction<String>>> results =
                rig.builder(codec).build().withFallback(second).callAll(List.of("a", "b", "c"), CallOptions.none());

        assertThat(results.get(0).value().fallbackFor()).isNull();
        assertThat(results.get(1).value().value()).isEqualTo("b");
        assertThat(results.get(1).value().fallbackFor()).isNotNull();
        assertThat(results.get(2).error()).isNotNull();
        assertThat(TextCodec.lines(other.transport.sent(0).request().payload())).containsExactly("b");
    }

    @Test
    void other_isAskedWithWhatIsLeftOfTheTime() {
        rig.transport.hold();
        CompletableFuture<String> future = toOther().predictAsync("a");
        rig.clock.advance(Duration.ofSeconds(4));
        rig.transport.sent(0).answer().completeExceptionally(Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));

        assertThat(other.transport.sent(0).context().deadline().remainingNanos())
                .isEqualTo(Rig.TIMEOUT.minusSeconds(4).toNanos());
        other.transport.sent(0).answer().complete(response("from the other"));
        assertThat(future).isCompletedWithValue("from the other");
    }

    @Test
    void other_whereTheTimeIsUp_isNotAsked() {
        CompletableFuture<String> future =
                toOther().predictAsync("a", CallOptions.none().withTimeout(Duration.ofSeconds(1)));
        rig.clock.advance(Duration.ofSeconds(1));

        InferenceException error = Rig.errorOf(future);
        assertThat(error.category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(error.getSuppressed()).isEmpty();
        assertThat(other.transport.sends()).isZero();
    }

    @Test
    void other_thatFailsToo_isSuppressedInTheFirstFailure() {
        fail(ErrorCategory.OVERLOADED);
        other.transport.fail(() -> Rig.failure(ErrorCategory.NOT_FOUND, RetrySafety.SAFE));
        Predictor<String, String> predictor = toOther();

        InferenceException error = Rig.errorOf(predictor.predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(error.getSuppressed()).singleElement().isInstanceOf(InferenceException.class);
    }

    @Test
    void cancel_duringTheFallback_reachesItsWire() {
        fail(ErrorCategory.OVERLOADED);
        CompletableFuture<String> future = toOther().predictAsync("a");
        future.cancel(true);

        assertThat(other.transport.cancels()).isEqualTo(1);
    }

    @Test
    void blockingCall_runsTheFallbackOnTheThreadThatWaits() {
        fail(ErrorCategory.OVERLOADED);
        other.echo();
        Thread here = Thread.currentThread();
        Predictor<String, String> second = other.builder(new TextCodec() {
                    @Override
                    public List<ItemResult<String>> decode(Payload payload, int count) {
                        assertThat(Thread.currentThread()).isSameAs(here);
                        return super.decode(payload, count);
                    }
                })
                .callbackExecutor(task -> new Thread(task).start())
                .build();

        assertThat(rig.builder()
                        .callbackExecutor(task -> new Thread(task).start())
                        .build()
                        .withFallback(second)
                        .predict("a"))
                .isEqualTo("a");
    }

    @Test
    void fallbacks_ofFallbacks_areAskedFromTheInside() {
        fail(ErrorCategory.OVERLOADED);
        other.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));
        Predictor<String, String> predictor = toOther().withFallback("last");

        assertThat(predictor.predictAll(List.of("a", "b"))).containsExactly("last", "last");
        assertThat(other.transport.sends()).isEqualTo(1);
    }

    @Test
    void close_closesTheWrappedAndNotTheOther() {
        Predictor<String, String> predictor = toOther();
        predictor.close();

        assertThat(rig.transport.closes()).isEqualTo(1);
        assertThat(other.transport.closes()).isZero();
        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(ErrorCategory.CLOSED);
    }

    @Test
    void toBuilder_hasTheSettingsOfTheInnermost() {
        fail(ErrorCategory.OVERLOADED);
        Predictor<String, String> plain = toValue().toBuilder().build();

        assertThat(Rig.errorOf(plain.predictAsync("a")).category()).isEqualTo(ErrorCategory.OVERLOADED);
    }

    @Test
    void nulls_areNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> rig.predictor().withFallback((String) null))
                .withMessage("value");
        assertThatNullPointerException()
                .isThrownBy(() -> rig.predictor().withFallback((Predictor<String, String>) null))
                .withMessage("other");
        assertThatNullPointerException()
                .isThrownBy(() -> toValue().predict(null))
                .withMessage("input");
    }
}
