package io.foretell.http;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;

/** Who signs one request: asks the provider, tells its failures from those of the exchange, knows what it gave. */
final class ResolvedCredentials implements IdentityProvider<AwsCredentialsIdentity> {
    private final IdentityProvider<? extends AwsCredentialsIdentity> provider;
    private final SageMakerErrors errors;
    private volatile @Nullable AwsCredentialsIdentity given;

    ResolvedCredentials(IdentityProvider<? extends AwsCredentialsIdentity> provider, SageMakerErrors errors) {
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
                given = identity;
                return identity;
            });
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(errors.noCredentials(e));
        }
    }

    /** Whether a request signed with these would be signed with others. */
    boolean differFrom(AwsCredentialsIdentity others) {
        return !same(others, given);
    }

    /** By content: not every kind of credentials has equality. */
    private static boolean same(AwsCredentialsIdentity one, @Nullable AwsCredentialsIdentity other) {
        return other != null
                && one.accessKeyId().equals(other.accessKeyId())
                && one.secretAccessKey().equals(other.secretAccessKey())
                && Objects.equals(token(one), token(other));
    }

    private static @Nullable String token(AwsCredentialsIdentity identity) {
        return identity instanceof AwsSessionCredentialsIdentity session ? session.sessionToken() : null;
    }
}
