package io.foretell.it.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.scorecard.Scorecard;
import io.foretell.tensor.Tensor;
import io.foretell.testing.TestCertificates;
import io.foretell.transport.Transport;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** A server whose TLS is not what it must be is refused within the handshake, once, and learns nothing. */
@Tag("scorecard")
@Timeout(120)
class TlsRefusalTest {
    private static final String TOKEN = "the-session-token";

    /** What is wrong with the server. The client trusts the certificates' authority, where that is not itself the fault. */
    enum Flaw {
        EXPIRED(TestCertificates.create(Instant.parse("2001-01-01T00:00:00Z"))),
        WRONG_HOST(TestCertificates.createFor("elsewhere.example")),
        SELF_SIGNED(TestCertificates.selfSigned()),
        TLS_1_1(TestCertificates.create()),
        NO_TLS(TestCertificates.create()),
        CLIENT_CERTIFICATE_NEEDED(TestCertificates.create());

        private final TestCertificates certificates;

        Flaw(TestCertificates certificates) {
            this.certificates = certificates;
        }

        RefusedServer start() {
            return switch (this) {
                case TLS_1_1 -> RefusedServer.oldTls();
                case NO_TLS -> RefusedServer.plaintext();
                default -> RefusedServer.presenting(certificates, this == CLIENT_CERTIFICATE_NEEDED);
            };
        }

        TestCertificates trusted() {
            return this == SELF_SIGNED ? TestCertificates.create() : certificates;
        }
    }

    enum Over {
        GRPC,
        HTTPS
    }

    /** How a call ended, and what the server saw of it. */
    private record Refusal(InferenceException error, int connections, String received) {}

    @ParameterizedTest
    @EnumSource
    void flawedServer_isRefusedAndLearnsNothing(Over over) throws Exception {
        Scorecard.row("H7", "TLS as it must not be, over " + over, row -> {
            row.inject("server");
            row.measured("flaws", List.of(Flaw.values()));
            int attempts = 0;
            int connections = 0;
            int tls = 0;
            for (Flaw flaw : Flaw.values()) {
                Refusal refusal = over == Over.GRPC ? overGrpc(flaw) : overHttps(flaw);
                InferenceException error = refusal.error();
                requireRefusal(over, flaw, error);
                assertThat(refusal.received())
                        .as("%s", flaw)
                        .doesNotContain(TOKEN)
                        .doesNotContain("iris");
                connections += refusal.connections();
                if (error.category() == ErrorCategory.TLS) {
                    tls++;
                    attempts += error.attempts();
                }
            }
            row.exactly("attempts of those told as TLS", tls, attempts)
                    .atLeast("told as TLS", over == Over.GRPC ? Flaw.values().length : 1, tls)
                    .atLeast("connections", Flaw.values().length, connections);
        });
    }

    /**
     * The AWS SDK hands out a connection before its handshake has ended. One that ends at once is replaced by the SDK's
     * pool, within the attempt, or told as closed before anything was written, which is
     * safe to repeat.
     */
    private static void requireRefusal(Over over, Flaw flaw, InferenceException error) {
        ErrorCategory category = error.category();
        assertThat(category == ErrorCategory.TLS || over == Over.HTTPS && category == ErrorCategory.CONNECTION_LOST)
                .as("%s: %s", flaw, error)
                .isTrue();
        assertThat(error.retrySafety()).as("%s", flaw).isEqualTo(RetrySafety.SAFE);
    }

    private static Refusal overHttps(Flaw flaw) {
        try (SdkAsyncHttpClient http = NettyNioAsyncHttpClient.builder()
                        .tlsTrustManagersProvider(
                                () -> flaw.trusted().trustManagers().getTrustManagers())
                        .build();
                RefusedServer server = flaw.start()) {
            InferenceException error = failure(
                    server,
                    target -> sageMaker("https://" + target)
                            .httpClient(http)
                            .tensors(TensorFormats.tfServingJson())
                            .build());
            return new Refusal(error, server.accepted(), server.received());
        }
    }

    private static Refusal overGrpc(Flaw flaw) {
        try (RefusedServer server = flaw.start()) {
            InferenceException error = failure(
                    server,
                    target -> TensorFlowServing.to(target)
                            .model("iris")
                            .trustCertificates(flaw.trusted().caStream())
                            .build());
            return new Refusal(error, server.accepted(), server.received());
        }
    }

    @Test
    void https_plaintextToAnotherHost_isRefusedWhereItIsSet() {
        assertThatThrownBy(() -> sageMaker("http://models.example:8080").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("endpointOverride")
                .hasMessageContaining("models.example")
                .hasMessageContaining("allowPlaintext");
    }

    private static SageMaker.Builder sageMaker(String address) {
        return SageMaker.endpoint("iris")
                .region("eu-west-1")
                .credentials(StaticCredentialsProvider.create(AwsSessionCredentials.create("AKIAKEY", "secret", TOKEN)))
                .endpointOverride(URI.create(address));
    }

    private static InferenceException failure(RefusedServer server, Function<String, Transport> transport) {
        try (var predictor = Predictor.builder(TensorCodecs.tensors())
                .transport(transport.apply(server.target()))
                .build()) {
            InferenceException error = catchThrowableOfType(
                    InferenceException.class, () -> predictor.predict(Map.of("x", Tensor.of(new float[3]))));
            assertThat(error).as("the call was to fail").isNotNull();
            return error;
        }
    }
}
