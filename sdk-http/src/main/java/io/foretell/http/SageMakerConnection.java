package io.foretell.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeAsyncClient;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointResponse;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** The AWS SDK's client, set up so that it tries once, adds no thread hop and holds every answer to its bound. */
final class SageMakerConnection {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** The service lets a model run for 60 s. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(70);

    private final SageMakerErrors errors;
    private final AwsCredentialsProvider credentials;
    private final Renewals renewals;
    private final SageMakerRuntimeAsyncClient client;
    private final @Nullable SdkAutoCloseable ownCredentials;
    private final @Nullable SageMakerLoops ownLoops;

    SageMakerConnection(SageMaker.Builder settings, SageMakerErrors errors) {
        this.errors = errors;
        if (settings.credentials == null) {
            // Not the SDK's shared instance: that one must never be closed.
            DefaultCredentialsProvider chain =
                    DefaultCredentialsProvider.builder().build();
            credentials = chain;
            ownCredentials = chain;
        } else {
            credentials = settings.credentials;
            ownCredentials = null;
        }
        renewals = new Renewals(credentials);
        SageMakerRuntimeAsyncClientBuilder builder = SageMakerRuntimeAsyncClient.builder()
                .credentialsProvider(credentials)
                .overrideConfiguration(each -> each.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(new ExchangeInterceptor(errors, settings.maxResponseBytes)))
                .asyncConfiguration(each -> each.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, (Runnable task) -> task.run()));
        if (settings.region != null) {
            builder.region(Region.of(settings.region));
        }
        if (settings.override != null) {
            builder.endpointOverride(settings.override);
        }
        if (settings.httpClient != null) {
            ownLoops = null;
            builder.httpClient(settings.httpClient);
        } else {
            ownLoops = new SageMakerLoops();
            builder.httpClientBuilder(NettyNioAsyncHttpClient.builder()
                    .connectionTimeout(CONNECT_TIMEOUT)
                    .readTimeout(READ_TIMEOUT)
                    .writeTimeout(READ_TIMEOUT)
                    .maxConcurrency(settings.maxConnections)
                    .eventLoopGroup(SdkEventLoopGroup.create(ownLoops)));
        }
        try {
            client = builder.build();
        } catch (SdkClientException e) {
            closeOwn();
            throw new IllegalArgumentException(
                    "the AWS SDK cannot set up its client" + (settings.region == null ? " (region is not set)" : "")
                            + ": " + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            closeOwn();
            throw e;
        }
    }

    /** For one request, which must be signed with them. */
    ResolvedCredentials credentials() {
        return new ResolvedCredentials(credentials, errors);
    }

    /** Whether the next request would be signed with others. Never asks the provider on the calling thread. */
    CompletableFuture<Boolean> renewed(ResolvedCredentials refused) {
        return renewals.ask().thenApply(refused::differFrom);
    }

    CompletableFuture<InvokeEndpointResponse> invoke(InvokeEndpointRequest request) {
        return client.invokeEndpoint(request);
    }

    /** Leaves what the user handed in open. */
    void close() {
        client.close();
        renewals.close();
        closeOwn();
    }

    private void closeOwn() {
        if (ownCredentials != null) {
            ownCredentials.close();
        }
        if (ownLoops != null) {
            ownLoops.close();
        }
    }
}
