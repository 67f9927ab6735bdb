package io.foretell.testing;

import io.foretell.http.SageMaker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** The client's side of a SageMaker sandbox: transports that know its address and keys and trust it. Thread-safe. */
final class SageMakerClient implements AutoCloseable {
    /** As the transport's own client has it. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(70);

    private final SageMakerSandbox sandbox;

    private @Nullable SdkAsyncHttpClient http;

    SageMakerClient(SageMakerSandbox sandbox) {
        this.sandbox = sandbox;
    }

    SageMaker.Builder transport(String endpoint) {
        return SageMaker.endpoint(endpoint)
                .region(sandbox.region())
                .credentials(StaticCredentialsProvider.create(credentials()))
                .endpointOverride(sandbox.uri())
                .httpClient(http());
    }

    private AwsCredentials credentials() {
        return sandbox.sessionToken()
                .<AwsCredentials>map(
                        token -> AwsSessionCredentials.create(sandbox.accessKey(), sandbox.secretKey(), token))
                .orElseGet(() -> AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey()));
    }

    private synchronized SdkAsyncHttpClient http() {
        if (http == null) {
            http = NettyNioAsyncHttpClient.builder()
                    .readTimeout(READ_TIMEOUT)
                    .maxConcurrency(200)
                    .tlsTrustManagersProvider(
                            () -> sandbox.certificates().trustManagers().getTrustManagers())
                    .build();
        }
        return http;
    }

    @Override
    public synchronized void close() {
        if (http != null) {
            http.close();
            http = null;
        }
    }
}
