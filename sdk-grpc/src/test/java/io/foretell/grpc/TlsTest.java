package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.Payload;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real TLS server, whose certificate the JDK's keytool makes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsTest {
    private static final String PASSWORD = "for-this-test";

    @TempDir
    private static Path folder;

    private static Path pem;
    private static ServerCredentials credentials;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path file = folder.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        credentials = TlsServerCredentials.newBuilder()
                .keyManager(keys.getKeyManagers())
                .build();
        pem = Files.writeString(
                folder.resolve("server.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(store.getCertificate("server").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    @Test
    void trustedCertificate_letsTheCallThrough() throws Exception {
        try (LoopbackServer server = new LoopbackServer(credentials);
                TensorFlowServing transport = TensorFlowServing.to(server.target())
                        .model("iris")
                        .trustCertificates(pem)
                        .build()) {
            assertThat(transport.send(request(), new RecordingContext()).join().payload())
                    .isEqualTo(request().payload());
        }
    }

    @Test
    void unknownCertificate_isRefusedInTheHandshake() throws Exception {
        try (LoopbackServer server = new LoopbackServer(credentials);
                TensorFlowServing transport =
                        TensorFlowServing.to(server.target()).model("iris").build()) {
            Throwable fault = catchThrowable(
                    () -> transport.send(request(), new RecordingContext()).join());

            assertThat(fault.getCause())
                    .isInstanceOfSatisfying(
                            InferenceException.class,
                            e -> assertThat(e.category()).isEqualTo(ErrorCategory.TLS));
            assertThat(server.calls()).isZero();
        }
    }

    private static InferenceRequest request() {
        return InferenceRequest.of(new Payload.Tensors(Map.of("x", Tensor.of(new float[] {1}))), 1, Attributes.empty());
    }
}
