package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
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

    private static Identity here;
    private static Identity elsewhere;

    /** A server's key, and the PEM of its self-signed certificate. */
    private record Identity(KeyManager[] keys, Path pem) {
        ServerCredentials credentials() {
            return TlsServerCredentials.newBuilder().keyManager(keys).build();
        }
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        here = identity("here", "ip:127.0.0.1");
        elsewhere = identity("elsewhere", "dns:elsewhere.example");
    }

    private static Identity identity(String name, String host) throws Exception {
        Path file = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=" + host,
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
        Path pem = Files.writeString(
                folder.resolve(name + ".pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(store.getCertificate("server").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        return new Identity(keys.getKeyManagers(), pem);
    }

    @Test
    void trustedCertificate_letsTheCallThrough() throws Exception {
        try (LoopbackServer server = new LoopbackServer(here.credentials());
                TensorFlowServing transport = secure(server.target(), here)) {
            assertThat(Calls.send(transport).join().payload())
                    .isEqualTo(Calls.request().payload());
        }
    }

    @Test
    void unknownCertificate_isRefusedInTheHandshake() throws Exception {
        try (LoopbackServer server = new LoopbackServer(here.credentials());
                TensorFlowServing transport =
                        TensorFlowServing.to(server.target()).model("iris").build()) {
            refusedByTls(transport, server);
        }
    }

    @Test
    void trustedCertificate_ofAnotherHost_isRefusedInTheHandshake() throws Exception {
        try (LoopbackServer server = new LoopbackServer(elsewhere.credentials());
                TensorFlowServing transport = secure(server.target(), elsewhere)) {
            refusedByTls(transport, server);
        }
    }

    @Test
    void serverThatAsksForACertificate_isARefusalOfTls() throws Exception {
        ServerCredentials demanding = TlsServerCredentials.newBuilder()
                .keyManager(here.keys())
                .trustManager(elsewhere.pem().toFile())
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
        try (LoopbackServer server = new LoopbackServer(demanding);
                TensorFlowServing transport = secure(server.target(), here)) {
            refusedByTls(transport, server);
        }
    }

    @Test
    void versionsOffered_areTls12AndLaterOnly() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TensorFlowServing transport = secure("127.0.0.1:" + listener.getLocalPort(), here)) {
            var call = Calls.send(transport);
            try (Socket socket = listener.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                in.readNBytes(3); // the record's type and version
                byte[] hello = in.readNBytes(in.readUnsignedShort());

                assertThat(versionsOffered(ByteBuffer.wrap(hello))).containsOnly(0x0303, 0x0304);
            }
            Calls.failure(call);
        }
    }

    /** The extension supported_versions of a ClientHello (RFC 8446, 4.1.2 and 4.2.1). */
    private static List<Integer> versionsOffered(ByteBuffer hello) {
        hello.position(1 + 3 + 2 + 32); // type, length, legacy version, random
        skip(hello, hello.get()); // session id
        skip(hello, hello.getShort()); // cipher suites
        skip(hello, hello.get()); // compression methods
        hello.getShort();
        List<Integer> versions = new ArrayList<>();
        while (hello.hasRemaining()) {
            int type = hello.getShort();
            int length = hello.getShort();
            if (type != 43) {
                skip(hello, length);
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

    private static TensorFlowServing secure(String target, Identity trusted) {
        return TensorFlowServing.to(target)
                .model("iris")
                .trustCertificates(trusted.pem())
                .build();
    }

    private static void refusedByTls(TensorFlowServing transport, LoopbackServer server) {
        InferenceException fault = Calls.failure(Calls.send(transport));

        assertThat(fault.category()).isEqualTo(ErrorCategory.TLS);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(fault.maxRetries()).isZero();
        assertThat(server.calls()).isZero();
    }
}
