package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.InvalidRequestException;
import io.foretell.error.RejectedException;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.Model;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.testing.TensorSpec;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.Transport;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input is answered at once and clearly, over both transports; where the fault is local, nothing is sent. */
class BadInputTest {
    private static TensorFlowServingSandbox serving;
    private static SageMakerSandbox sageMaker;

    enum Over {
        GRPC,
        HTTPS;

        Transport transport() {
            return this == GRPC
                    ? TensorFlowServing.to(serving.target())
                            .model("triple")
                            .allowPlaintext()
                            .build()
                    : sageMaker
                            .transport("triple")
                            .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
                            .build();
        }

        long requests() {
            return this == GRPC ? serving.requestCount() : sageMaker.requestCount();
        }
    }

    /** Takes rows of three floats. */
    private static final class Triple implements Model {
        @Override
        public Map<String, TensorSpec> inputs() {
            return Map.of("x", TensorSpec.of(DType.FLOAT32, -1, 3));
        }

        @Override
        public Map<String, TensorSpec> outputs() {
            return Map.of("y", TensorSpec.of(DType.FLOAT32, -1, 3));
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) {
            return Map.of("y", inputs.get("x"));
        }
    }

    @BeforeAll
    static void startServers() throws Exception {
        serving = TensorFlowServingSandbox.builder()
                .model("triple", 1, new Triple())
                .start();
        sageMaker = SageMakerSandbox.builder().endpoint("triple", new Triple()).start();
    }

    @AfterAll
    static void stopServers() {
        serving.close();
        sageMaker.close();
    }

    @ParameterizedTest
    @EnumSource
    void shape_notTheSignatures_isNamed(Over over) {
        InferenceException error = failure(over, Map.of("x", Tensor.of(new float[4], 1, 4)));
        assertThat(error.category()).isIn(ErrorCategory.INVALID_REQUEST, ErrorCategory.MODEL_CLIENT_ERROR);
        assertThat(error).hasMessageContaining("x").hasMessageContaining("4");
    }

    @Test
    void dtype_notTheSignatures_isNamed() {
        InferenceException error = failure(Over.GRPC, Map.of("x", Tensor.of(new long[3], 1, 3)));
        assertThat(error).isInstanceOf(InvalidRequestException.class).hasMessageContaining("x");
    }

    @ParameterizedTest
    @EnumSource
    void name_missingFromTheSignature_isNamed(Over over) {
        InferenceException error = failure(over, Map.of("unknown", Tensor.of(new float[3], 1, 3)));
        assertThat(error.category()).isIn(ErrorCategory.INVALID_REQUEST, ErrorCategory.MODEL_CLIENT_ERROR);
        assertThat(error).hasMessageContaining("unknown");
    }

    @ParameterizedTest
    @MethodSource("textKeys")
    void header_controlCharacterInAnyAttribute_isRefusedBeforeTheCall(AttributeKey<String> key) {
        for (String evil : new String[] {"a\r\nX-Evil: 1", "a\nb", "a\0b", "a\u007fb", "grün"}) {
            assertThatThrownBy(() -> CallOptions.none().with(key, evil))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(key.name());
        }
    }

    static Stream<AttributeKey<String>> textKeys() {
        return Stream.of(
                SageMaker.TARGET_VARIANT,
                SageMaker.TARGET_MODEL,
                SageMaker.TARGET_CONTAINER,
                SageMaker.INFERENCE_COMPONENT,
                SageMaker.INFERENCE_ID,
                SageMaker.CUSTOM_ATTRIBUTES);
    }

    @ParameterizedTest
    @FieldSource("MODEL_KEYS")
    void modelSpec_controlCharacter_isRefusedBeforeTheCall(AttributeKey<String> key) {
        assertThatThrownBy(() -> CallOptions.none().with(key, "a\nb"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(key.name());
    }

    static final java.util.List<AttributeKey<String>> MODEL_KEYS =
            java.util.List.of(TensorFlowServing.SIGNATURE, TensorFlowServing.VERSION_LABEL);

    @ParameterizedTest
    @EnumSource
    void predictor_closed_refusesAndSendsNothing(Over over) {
        long before = over.requests();
        var predictor = predictor(over);
        predictor.close();
        RejectedException error = catchThrowableOfType(
                RejectedException.class, () -> predictor.predict(Map.of("x", Tensor.of(new float[3], 1, 3))));
        assertThat(error.category()).isEqualTo(ErrorCategory.CLOSED);
        assertThat(over.requests()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void input_null_isRefusedAtOnce(Over over) {
        try (var predictor = predictor(over)) {
            assertThatThrownBy(() -> predictor.predict(null)).hasMessageContaining("input");
        }
    }

    @Test
    void response_malformed_isAProtocolError() {
        for (String body :
                new String[] {"", "not json", "{\"outputs\": {\"y\": [1.0, [2.0]]}}", "{\"outputs\": {\"y\": [1.0"}) {
            sageMaker.play(Fault.status("200", body));
            InferenceException error = failure(Over.HTTPS, Map.of("x", Tensor.of(new float[3], 1, 3)));
            assertThat(error.category()).as(body).isIn(ErrorCategory.PROTOCOL, ErrorCategory.CODEC);
            assertThat(error.attempts()).isEqualTo(1);
        }
    }

    private static InferenceException failure(Over over, Map<String, Tensor> input) {
        try (var predictor = predictor(over)) {
            InferenceException error = catchThrowableOfType(InferenceException.class, () -> predictor.predict(input));
            assertThat(error).as("the call was to fail").isNotNull();
            return error;
        }
    }

    private static Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor(Over over) {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(over.transport())
                .build();
    }

    @AfterEach
    void nothingIsLeftToPlay() {
        try (var predictor = predictor(Over.HTTPS)) {
            assertThat(predictor.predict(Map.of("x", Tensor.of(new float[] {1, 2, 3}, 1, 3))))
                    .containsKey("y");
        }
    }
}
