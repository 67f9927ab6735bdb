package io.foretell.scorecard;

import io.foretell.testing.SageMakerSandbox;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.TlsTrustManagersProvider;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeAsyncClient;

/** The AWS SDK's asynchronous client on its Netty engine. All is its default but the address, whom it trusts, the
 * keys and the deadline. */
final class AwsAnchor implements Anchor {
    private final String name;
    private final String endpoint;
    private final SdkBytes body;
    private final SageMakerRuntimeAsyncClient client;

    private AwsAnchor(
            String name,
            SageMakerSandbox sandbox,
            URI uri,
            String endpoint,
            String body,
            Consumer<ClientOverrideConfiguration.Builder> configuration) {
        this.name = name;
        this.endpoint = endpoint;
        this.body = SdkBytes.fromUtf8String(body);
        this.client = SageMakerRuntimeAsyncClient.builder()
                .region(Region.of(sandbox.region()))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey())))
                .endpointOverride(uri)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().tlsTrustManagersProvider(trusting(sandbox)))
                .overrideConfiguration(configuration)
                .build();
    }

    static TlsTrustManagersProvider trusting(SageMakerSandbox sandbox) {
        return () -> sandbox.certificates().trustManagers().getTrustManagers();
    }

    /** As it comes: its legacy mode of retrying. */
    static Anchor asItComes(SageMakerSandbox sandbox, URI uri, String endpoint, String body, Duration deadline) {
        return new AwsAnchor("AWS SDK", sandbox, uri, endpoint, body, each -> each.apiCallTimeout(deadline));
    }

    /** In the mode that its guide advises. */
    static Anchor standard(SageMakerSandbox sandbox, URI uri, String endpoint, String body, Duration deadline) {
        return new AwsAnchor(
                "AWS SDK, standard",
                sandbox,
                uri,
                endpoint,
                body,
                each -> each.apiCallTimeout(deadline).retryStrategy(AwsRetryStrategy.standardRetryStrategy()));
    }

    /** For others to retry on top. */
    static Anchor withoutRetries(SageMakerSandbox sandbox, URI uri, String endpoint, String body, Duration deadline) {
        return new AwsAnchor(
                "AWS SDK without retries",
                sandbox,
                uri,
                endpoint,
                body,
                each -> each.apiCallTimeout(deadline).retryStrategy(AwsRetryStrategy.doNotRetry()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletableFuture<?> call() {
        return client.invokeEndpoint(request ->
                request.endpointName(endpoint).contentType("application/json").body(body));
    }

    @Override
    public void close() {
        client.close();
    }
}
