package io.foretell.scorecard;

import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeAsyncClient;

/** How often the AWS SDK's client, as it comes but for its waits, tries one call. */
final class AwsAttempts {
    private final AwsCredentialsProvider credentials;
    private final SdkAsyncHttpClient http;
    private final SdkBytes body;

    AwsAttempts(AwsCredentialsProvider credentials, SdkAsyncHttpClient http, String body) {
        this.credentials = credentials;
        this.http = http;
        this.body = SdkBytes.fromUtf8String(body);
    }

    /** One call's, to the endpoint {@code echo} at this address. */
    long of(URI address) {
        Attempts attempts = new Attempts();
        try (SageMakerRuntimeAsyncClient client = client(address, attempts)) {
            client.invokeEndpoint(request -> request.endpointName("echo")
                            .contentType("application/json")
                            .body(body))
                    .handle((answer, error) -> answer)
                    .join();
        }
        return attempts.made.get();
    }

    private SageMakerRuntimeAsyncClient client(URI address, Attempts attempts) {
        return SageMakerRuntimeAsyncClient.builder()
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials)
                .endpointOverride(address)
                .httpClient(http)
                .overrideConfiguration(each -> each.addExecutionInterceptor(attempts)
                        .retryStrategy(AwsRetryStrategy.legacyRetryStrategy().toBuilder()
                                .backoffStrategy(BackoffStrategy.retryImmediately())
                                .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
                                .build()))
                .build();
    }

    private static final class Attempts implements ExecutionInterceptor {
        private final AtomicLong made = new AtomicLong();

        @Override
        public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
            made.incrementAndGet();
        }
    }
}
