package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.http.SageMaker;
import io.foretell.testing.TestCertificates;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** A request that met a connection the server had given up is told to be safe only if it never arrived. */
@Timeout(120)
class StaleConnectionTest {
    private static final int SENDS = 100;

    private int safe;
    private int unknown;
    private int answered;

    @ParameterizedTest
    @CsvSource({"true, CLOSED", "true, RESET", "false, CLOSED", "false, RESET"})
    void send_onConnectionsThatGoStale_isSafeOnlyIfItNeverArrived(boolean secure, ClosingServer.Ending ending)
            throws Exception {
        TestCertificates certificates = TestCertificates.create();
        try (ClosingServer server = new ClosingServer(secure ? certificates : null, ending);
                SdkAsyncHttpClient http = NettyNioAsyncHttpClient.builder()
                        .tlsTrustManagersProvider(
                                () -> certificates.trustManagers().getTrustManagers())
                        .build();
                SageMaker transport = SageMaker.endpoint("iris")
                        .region("eu-west-1")
                        .credentials(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("AKIDEXAMPLE", "not-a-secret")))
                        .endpointOverride(server.uri())
                        .httpClient(http)
                        .build()) {
            for (int i = 0; i < SENDS; i++) {
                count(OneAttempt.of(transport));
            }

            assertThat(answered + safe + unknown).isEqualTo(SENDS);
            assertThat(server.requests.get()).isBetween(answered, SENDS - safe);
        }
    }

    private void count(@Nullable InferenceException error) {
        if (error == null) {
            answered++;
            return;
        }
        assertThat(error.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
        if (error.retrySafety() == RetrySafety.SAFE) {
            safe++;
        } else {
            unknown++;
        }
    }
}
