package io.foretell.scorecard;

import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** SageMaker's sandbox. */
final class HttpTarget implements Target {
    private static final String BODY = "{\"inputs\":{\"x\":[1,2,3]}}";

    /** More than any row has calls in flight, so that none waits for a connection. */
    private static final int MAX_CONNECTIONS = 4_000;

    private final SageMakerSandbox sandbox = SageMakerSandbox.builder()
            .endpoint("echo", new EchoModel(DType.FLOAT32))
            .plaintext()
            .start();

    private final SdkAsyncHttpClient http =
            NettyNioAsyncHttpClient.builder().maxConcurrency(MAX_CONNECTIONS).build();

    private volatile long forgotten;

    @Override
    public String address() {
        return sandbox.uri().getAuthority();
    }

    @Override
    public Transport transport(String address) {
        return sandbox.transport("echo")
                .endpointOverride(URI.create("http://" + address))
                .httpClient(http)
                .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
                .build();
    }

    @Override
    public Target forget() {
        forgotten = sandbox.requestCount();
        return this;
    }

    @Override
    public long requests() {
        return sandbox.requestCount() - forgotten;
    }

    @Override
    public long abandoned() {
        return sandbox.abandonedCount();
    }

    @Override
    public void play(FaultPlan plan) {
        sandbox.play(plan);
    }

    @Override
    public Fault unavailable() {
        return Fault.error(503, "ServiceUnavailable", "{\"Message\":\"busy\"}");
    }

    @Override
    public Fault throttled() {
        return Fault.error(429, "ThrottlingException", "{\"message\":\"slow down\"}");
    }

    @Override
    public Fault broken() {
        return Fault.error(424, "ModelError", "{\"OriginalStatusCode\":500}");
    }

    @Override
    public List<Anchor> anchors(Duration deadline) {
        return List.of(
                AwsAnchor.asItComes(sandbox, "echo", BODY, deadline),
                AwsAnchor.standard(sandbox, "echo", BODY, deadline),
                ResilienceAnchor.over(AwsAnchor.asItComes(sandbox, "echo", BODY, deadline), deadline),
                ResilienceAnchor.over(AwsAnchor.withoutRetries(sandbox, "echo", BODY, deadline), deadline));
    }

    @Override
    public void close() {
        http.close();
        sandbox.close();
    }
}
