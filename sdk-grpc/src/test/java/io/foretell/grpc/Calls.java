package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.InferenceException;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Small calls for tests of how calls end. */
final class Calls {
    private Calls() {}

    static TensorFlowServing.Builder plaintext(String target) {
        return TensorFlowServing.to(target).model("iris").allowPlaintext();
    }

    static CompletableFuture<InferenceResponse> send(TensorFlowServing transport) {
        return transport.send(request(), new RecordingContext());
    }

    static InferenceRequest request() {
        return InferenceRequest.of(new Payload.Tensors(Map.of("x", Tensor.of(new float[] {1}))), 1, Attributes.empty());
    }

    /** The failure that a call ends with. */
    static InferenceException failure(CompletableFuture<?> call) {
        Object end =
                call.handle((value, fault) -> fault == null ? value : fault).join();
        assertThat(end).isInstanceOf(InferenceException.class);
        return (InferenceException) end;
    }
}
