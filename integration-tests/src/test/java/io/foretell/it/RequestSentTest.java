package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.testing.TensorSpec;
import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import io.foretell.transport.Attributes;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending ends when the request has left, not when the answer comes: else the model's time counts as sending. */
class RequestSentTest {
    private final CountDownLatch sent = new CountDownLatch(1);

    /** Answers only once the client has said that all was sent. */
    private final Model patient = new Model() {
        @Override
        public Map<String, TensorSpec> inputs() {
            return Map.of("x", TensorSpec.anyShape(DType.FLOAT32));
        }

        @Override
        public Map<String, TensorSpec> outputs() {
            return Map.of("sent", TensorSpec.of(DType.BOOL));
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) throws InterruptedException {
            return Map.of("sent", Tensor.of(new boolean[] {sent.await(20, TimeUnit.SECONDS)}));
        }
    };

    private record Context(Deadline deadline, Runnable whenSent) implements CallContext {
        Context(Runnable whenSent) {
            this(Deadline.after(Duration.ofSeconds(60), Ticker.system()), whenSent);
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public void requestSent() {
            whenSent.run();
        }

        @Override
        public void responseStarted() {}
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000_000})
    void requestSent_grpc_comesBeforeTheAnswer(int elements) throws Exception {
        Tensor tensor = Tensor.of(new float[elements]);
        try (TensorFlowServingSandbox server = TensorFlowServingSandbox.builder()
                        .model("patient", 1, patient)
                        .start();
                TensorFlowServing transport = TensorFlowServing.to(server.target())
                        .allowPlaintext()
                        .model("patient")
                        .build()) {
            // Refused for its input's name; from then on the connection stands.
            assertThat(transport.send(request("y", tensor), new Context(() -> {})))
                    .failsWithin(Duration.ofSeconds(60));

            Payload.Tensors answer = (Payload.Tensors) transport
                    .send(request("x", tensor), new Context(sent::countDown))
                    .get(60, TimeUnit.SECONDS)
                    .payload();

            assertThat(answer.tensors().get("sent").booleans()).containsExactly(true);
        }
    }

    private static InferenceRequest request(String name, Tensor tensor) {
        return InferenceRequest.of(new Payload.Tensors(Map.of(name, tensor)), 1, Attributes.empty());
    }
}
