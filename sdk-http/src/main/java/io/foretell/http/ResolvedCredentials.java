package io.foretell.http;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;

/** Asks a provider for each request, and tells its failures from those of the exchange. */
final class ResolvedCredentials implements IdentityProvider<AwsCredentialsIdentity> {
    private final AwsCredentialsProvider provider;
    private final SageMakerErrors errors;

    ResolvedCredentials(AwsCredentialsProvider provider, SageMakerErrors errors) {
        this.provider = provider;
        this.errors = errors;
    }

    @Override
    public Class<AwsCredentialsIdentity> identityType() {
        return AwsCredentialsIdentity.class;
    }

    @Override
    public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
        try {
            return provider.resolveIdentity(request).handle((identity, fault) -> {
                if (fault != null) {
                    throw errors.noCredentials(fault);
                }
                return identity;
            });
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(errors.noCredentials(e));
        }
    }
}
