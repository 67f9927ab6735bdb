package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.InferenceException;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a sandbox's fault says arrives at the client. */
@Timeout(60)
class FaultTest {
    private static final Duration WAIT = Duration.ofMillis(250);

    @Test
    void pushback_ofTheSageMakerSandbox_reachesTheClient() {
        try (SageMakerSandbox sandbox = SageMakerSandbox.builder()
                .endpoint("echo", new EchoModel(DType.FLOAT32))
                .start()) {
            sandbox.play(
                    request -> Fault.error(429, "ThrottlingException", "{}").pushback(WAIT));

            assertThat(failure(sandbox.transport("echo")
                                    .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
                                    .build())
                            .pushback())
                    .isEqualTo(WAIT);
        }
    }

    @Test
    void pushback_ofTheTensorFlowServingSandbox_reachesTheClient() {
        try (TensorFlowServingSandbox sandbox = TensorFlowServingSandbox.builder()
                .model("echo", 1, new EchoModel(DType.FLOAT32))
                .start()) {
            sandbox.play(request -> Fault.status("UNAVAILABLE", "busy").pushback(WAIT));

            assertThat(failure(TensorFlowServing.to(sandbox.target())
                                    .model("echo")
                                    .allowPlaintext()
                                    .build())
                            .pushback())
                    .isEqualTo(WAIT);
        }
    }

    private static InferenceException failure(Transport transport) {
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                Predictor.builder(TensorCodecs.tensors()).transport(transport).build()) {
            return catchThrowableOfType(
                    InferenceException.class,
                    () -> predictor.predict(
                            Map.of("x", Tensor.of(new float[] {1})),
                            CallOptions.none().withTimeout(Duration.ofSeconds(30))));
        }
    }
}
