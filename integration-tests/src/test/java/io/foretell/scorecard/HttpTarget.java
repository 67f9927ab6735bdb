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

    private final SageMakerSandbox sandbox;
    private final URI uri;
    private final SdkAsyncHttpClient http;
    private volatile long forgotten;

    /** Without TLS. */
    HttpTarget() {
        this(sandbox().plaintext().start());
    }

    private HttpTarget(SageMakerSandbox sandbox) {
        this(sandbox, sandbox.uri());
    }

    /**
     * A sandbox that is reached at another address than its own.
     *
     * @param sandbox which the target owns from here on
     */
    HttpTarget(SageMakerSandbox sandbox, URI uri) {
        this.sandbox = sandbox;
        this.uri = uri;
        this.http = NettyNioAsyncHttpClient.builder()
                .maxConcurrency(MAX_CONNECTIONS)
                .tlsTrustManagersProvider(AwsAnchor.trusting(sandbox))
                .build();
    }

    /** The sandbox that it takes, over TLS unless said otherwise. */
    static SageMakerSandbox.Builder sandbox() {
        return SageMakerSandbox.builder().endpoint("echo", new EchoModel(DType.FLOAT32));
    }

    @Override
    public String address() {
        return uri.getAuthority();
    }

    @Override
    public Transport transport(String address) {
        return sandbox.transport("echo")
                .endpointOverride(URI.create(uri.getScheme() + "://" + address))
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
                AwsAnchor.asItComes(sandbox, uri, "echo", BODY, deadline),
                AwsAnchor.standard(sandbox, uri, "echo", BODY, deadline),
                ResilienceAnchor.over(AwsAnchor.asItComes(sandbox, uri, "echo", BODY, deadline), deadline),
                ResilienceAnchor.over(AwsAnchor.withoutRetries(sandbox, uri, "echo", BODY, deadline), deadline));
    }

    @Override
    public void close() {
        http.close();
        sandbox.close();
    }
}
