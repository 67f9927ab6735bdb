package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.http.SageMaker;
import io.foretell.testing.TestCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** Signed requests go to no server that cannot prove who it is. */
@Timeout(120)
class SageMakerTlsTest {
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int TLS_1_2 = 0x0303;
    private static final int TLS_1_3 = 0x0304;

    @Test
    void send_certificateExpired_isRefused() throws Exception {
        expectRefused(TestCertificates.create(Clock.systemUTC().instant().minus(Duration.ofDays(30))), "127.0.0.1");
    }

    /** The address that stands for any reaches loopback, and no certificate is made out to it. */
    @Test
    void send_certificateOfAnotherHost_isRefused() throws Exception {
        expectRefused(TestCertificates.create(), "0.0.0.0");
    }

    private static void expectRefused(TestCertificates certificates, String host) throws Exception {
        try (ClosingServer server = new ClosingServer(certificates, ClosingServer.Ending.CLOSED);
                SdkAsyncHttpClient http = NettyNioAsyncHttpClient.builder()
                        .tlsTrustManagersProvider(
                                () -> certificates.trustManagers().getTrustManagers())
                        .build();
                SageMaker transport = builder(
                                "https://" + host + ":" + server.uri().getPort())
                        .httpClient(http)
                        .build()) {
            InferenceException refusal = OneAttempt.of(transport);

            assertThat(refusal).isNotNull();
            assertThat(refusal.category()).isEqualTo(ErrorCategory.TLS);
            assertThat(refusal.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(refusal.maxRetries()).isZero();
            assertThat(server.requests).hasValue(0);
        }
    }

    @Test
    void send_ownClient_offersNothingOlderThanTls12() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SageMaker transport =
                        builder("https://127.0.0.1:" + listener.getLocalPort()).build()) {
            FutureTask<List<Integer>> offered = new FutureTask<>(() -> {
                try (Socket socket = listener.accept()) {
                    return versions(socket.getInputStream());
                }
            });
            Thread server = new Thread(offered, "hello-reader");
            server.setDaemon(true);
            server.start();

            assertThat(OneAttempt.of(transport)).isNotNull();
            assertThat(offered.get()).isNotEmpty().isSubsetOf(TLS_1_2, TLS_1_3);
        }
    }

    /** What a ClientHello offers, RFC 8446 §4.1.2 and §4.2.1. */
    private static List<Integer> versions(InputStream in) throws IOException {
        int length = ByteBuffer.wrap(in.readNBytes(5)).getShort(3);
        ByteBuffer hello = ByteBuffer.wrap(in.readNBytes(length)).position(4 + 2 + 32);
        skip(hello, hello.get() & 0xff); // session id
        skip(hello, hello.getShort()); // cipher suites
        skip(hello, hello.get() & 0xff); // compression
        hello.getShort();
        List<Integer> versions = new ArrayList<>();
        while (hello.hasRemaining()) {
            int extension = hello.getShort();
            int size = hello.getShort();
            if (extension != SUPPORTED_VERSIONS) {
                skip(hello, size);
                continue;
            }
            for (int left = hello.get(); left > 0; left -= 2) {
                versions.add((int) hello.getShort());
            }
        }
        return versions;
    }

    private static void skip(ByteBuffer buffer, int bytes) {
        buffer.position(buffer.position() + bytes);
    }

    private static SageMaker.Builder builder(String address) {
        return SageMaker.endpoint("iris")
                .region("eu-west-1")
                .credentials(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "not-a-secret")))
                .endpointOverride(URI.create(address));
    }
}
