package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.Payload;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictorTest {
    private static final AttributeKey<String> VARIANT = AttributeKey.of("variant", String.class);

    private final Rig rig = new Rig();

    @Test
    void predict_oneInput_givesItsValueBlockingAndNot() {
        rig.echo();
        try (Predictor<String, String> predictor = rig.predictor()) {
            assertThat(predictor.predict("a")).isEqualTo("a");
            assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        }
        rig.assertAtRest();
    }

    @Test
    void predictAll_severalInputs_areOneRequestAndKeepTheirOrder() {
        rig.echo();
        try (Predictor<String, String> predictor = rig.predictor()) {
            assertThat(predictor.predictAll(List.of("a", "b", "c"))).containsExactly("a", "b", "c");
            assertThat(predictor
                            .callAllAsync(List.of("d", "e"), CallOptions.none())
                            .join())
                    .extracting(result -> result.value().value())
                    .containsExactly("d", "e");
            assertThat(predictor.predictAll(List.of())).isEmpty();
        }
        assertThat(rig.transport.sends()).isEqualTo(2);
        assertThat(rig.transport.sent(0).request().itemCount()).isEqualTo(3);
        rig.assertAtRest();
    }

    @Test
    void predictAll_codecWithoutBatches_sendsOneRequestEach() {
        rig.echo();
        TextCodec single = new TextCodec() {
            @Override
            public boolean batches() {
                return false;
            }
        };
        try (Predictor<String, String> predictor = rig.builder(single).build()) {
            assertThat(predictor.predictAll(List.of("a", "b", "c"))).containsExactly("a", "b", "c");
        }
        assertThat(rig.transport.sends()).isEqualTo(3);
        rig.assertAtRest();
    }

    @Test
    void callAll_oneItemFails_givesEachItsOwnResult() {
        TextCodec picky = new TextCodec() {
            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                return lines(payload).stream()
                        .map(line -> line.equals("bad")
                                ? ItemResult.<String>failed(Rig.failure(ErrorCategory.CODEC, RetrySafety.UNSAFE))
                                : ItemResult.of(line))
                        .toList();
            }
        };
        rig.echo();
        Predictor<String, String> predictor = rig.builder(picky).build();
        List<String> inputs = List.of("a", "bad", "c");
        List<ItemResult<Prediction<String>>> results = predictor.callAll(inputs, CallOptions.none());
        assertThat(results.get(0).value().value()).isEqualTo("a");
        assertThat(results.get(1).error().category()).isEqualTo(ErrorCategory.CODEC);
        assertThat(results.get(1).error().attempts()).isEqualTo(1);
        assertThat(results.get(2).value().value()).isEqualTo("c");

        InferenceException thrown = catchThrowableOfType(InferenceException.class, () -> predictor.predictAll(inputs));
        assertThat(thrown.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(PredictorTest.class.getName()));
        rig.assertAtRest();
    }

    @Test
    void call_answered_tellsWhatIsKnownOfIt() {
        rig.transport.script((request, context) -> {
            context.requestSent();
            context.responseStarted();
            return java.util.concurrent.CompletableFuture.completedFuture(TextCodec.response("x", "y")
                    .withServedBy("7")
                    .withRequestId("id-1")
                    .with(VARIANT, "blue"));
        });
        Predictor<String, String> predictor = rig.predictor();
        Prediction<String> one = predictor
                .callAll(List.of("a", "b"), CallOptions.none().with(VARIANT, "blue"))
                .get(1)
                .value();
        assertThat(one.value()).isEqualTo("y");
        assertThat(one.servedBy()).isEqualTo("7");
        assertThat(one.requestId()).isEqualTo("id-1");
        assertThat(one.attempts()).isEqualTo(1);
        assertThat(one.batchSize()).isEqualTo(2);
        assertThat(one.get(VARIANT)).isEqualTo("blue");
        assertThat(rig.transport.sent(0).request().attributes().get(VARIANT)).isEqualTo("blue");
        assertThat(rig.transport.sent(0).context().attempt()).isEqualTo(1);
    }

    @Test
    void failure_ofTheTransport_completesTheFutureUnwrapped() {
        rig.transport.fail(() ->
                new java.util.concurrent.CompletionException(Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE)));
        InferenceException error = Rig.errorOf(rig.predictor().predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(error.attempts()).isEqualTo(1);
        rig.assertAtRest();
    }

    @Test
    void predict_failed_throwsWithTheStackOfTheCaller() {
        rig.transport.fail(() -> {
            InferenceException far = Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE);
            far.setStackTrace(new StackTraceElement[0]);
            return far;
        });
        InferenceException thrown = catchThrowableOfType(
                InferenceException.class, () -> rig.predictor().predict("a"));
        assertThat(thrown.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().contains("predict_failed_throwsWithTheStackOfTheCaller"));
    }

    @Test
    void argument_null_isNamedAndNothingIsAccepted() {
        Predictor<String, String> predictor = rig.predictor();
        assertThatThrownBy(() -> predictor.predict(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("input");
        assertThatThrownBy(() -> predictor.predictAsync(null)).hasMessage("input");
        assertThatThrownBy(() -> predictor.predictAll(Arrays.asList("a", null))).hasMessage("input 1");
        assertThatThrownBy(() -> predictor.predictAll(null)).hasMessage("inputs");
        assertThat(rig.events.lines()).isEmpty();
        predictor.close();
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void build_withoutTransport_orWithOneThatDoesNotFit_saysSo() {
        assertThatThrownBy(() -> Predictor.builder(new TextCodec()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("transport");
        rig.transport.refuse(Payload.Kind.BYTES);
        assertThatThrownBy(rig::predictor)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BYTES")
                .hasMessageContaining("fake nowhere");
    }

    @Test
    void toString_anywhere_showsNoInputNorAttributeValue() {
        rig.echo();
        Predictor<String, String> predictor = rig.predictor();
        CallOptions options = CallOptions.none().with(VARIANT, "secret-value");
        Prediction<String> prediction = predictor.call("secret-input", options);
        String printed = predictor + " " + prediction + " " + options + " "
                + rig.transport.sent(0).request() + " " + rig.events.ends();
        assertThat(printed).doesNotContain("secret").contains("fake nowhere");
    }
}
