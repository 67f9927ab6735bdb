package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.InferenceException;
import io.foretell.transport.Attributes;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What tests of the transport's failures have in common: one small request, and how it ends. */
final class Calls {
    private Calls() {}

    /** A transport to endpoint {@code iris} at an address, with keys that no server knows. */
    static SageMaker.Builder builder(URI address) {
        return SageMaker.endpoint("iris")
                .region("eu-west-1")
                .credentials(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "not-a-secret")))
                .endpointOverride(address);
    }

    /** Sends {@code ping}. */
    static CompletableFuture<InferenceResponse> send(SageMaker transport, CallContext context) {
        Payload ping = Payload.Bytes.of("text/plain", "ping".getBytes(StandardCharsets.US_ASCII));
        return transport.send(InferenceRequest.of(ping, 1, Attributes.empty()), context);
    }

    /** Why it failed. */
    static InferenceException failure(CompletableFuture<InferenceResponse> answer) {
        ExecutionException fault = catchThrowableOfType(ExecutionException.class, answer::get);
        assertThat(fault).hasCauseInstanceOf(InferenceException.class);
        return (InferenceException) fault.getCause();
    }
}
