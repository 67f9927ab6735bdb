package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.transport.InferenceRequest;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a call puts into headers, where gRPC would drop or log what is not ASCII. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestHeadersTest {

    @Test
    void headers_areGrpcsOwn_whateverTheCallSays() throws Exception {
        CompletableFuture<Metadata> seen = new CompletableFuture<>();
        try (LoopbackServer server = new LoopbackServer(builder -> builder.intercept(recording(seen)));
                TensorFlowServing transport = Calls.plaintext(server.target()).build()) {
            InferenceRequest request = Calls.request()
                    .with(TensorFlowServing.MODEL, "модель")
                    .with(TensorFlowServing.SIGNATURE, "подпись")
                    .with(TensorFlowServing.VERSION_LABEL, "метка");

            transport.send(request, new RecordingContext()).join();

            assertThat(seen.join().keys())
                    .containsExactlyInAnyOrder("content-type", "user-agent", "grpc-accept-encoding", "grpc-timeout");
        }
    }

    private static ServerInterceptor recording(CompletableFuture<Metadata> seen) {
        return new ServerInterceptor() {
            @Override
            public <I, O> ServerCall.Listener<I> interceptCall(
                    ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
                seen.complete(headers);
                return next.startCall(call, headers);
            }
        };
    }
}
