package io.foretell.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestCertificatesTest {
    @Test
    void handshake_caTrusted_bytesPass() throws Exception {
        assertThat(handshake(TestCertificates.create(), "127.0.0.1")).isEqualTo(42);
        assertThat(handshake(TestCertificates.create(), "localhost")).isEqualTo(42);
    }

    @Test
    void handshake_certificateExpired_refused() {
        TestCertificates expired = TestCertificates.create(Instant.parse("2001-01-01T00:00:00Z"));
        assertThatThrownBy(() -> expired.ca().checkValidity()).isInstanceOf(CertificateExpiredException.class);
        assertThatThrownBy(() -> handshake(expired, "127.0.0.1")).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void handshake_certificateForAnotherHost_refused() {
        assertThatThrownBy(() -> handshake(TestCertificates.createFor("elsewhere.example"), "localhost"))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void selfSigned_trusted_isItsOwnAuthority() throws Exception {
        TestCertificates self = TestCertificates.selfSigned();
        self.ca().verify(self.ca().getPublicKey());
        assertThat(handshake(self, "localhost")).isEqualTo(42);
        assertThat(self.chainPem()).isEqualTo(self.caPem());
    }

    @Test
    void pem_read_isChainAndKey() throws Exception {
        TestCertificates made = TestCertificates.create();
        CertificateFactory x509 = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = x509.generateCertificates(made.chainStream()).stream()
                .map(X509Certificate.class::cast)
                .toList();
        assertThat(chain).hasSize(2).last().isEqualTo(made.ca());
        chain.get(0).verify(made.ca().getPublicKey());
        assertThat(x509.generateCertificate(made.caStream())).isEqualTo(made.ca());
        assertThat(new String(made.keyStream().readAllBytes())).startsWith("-----BEGIN PRIVATE KEY-----");
    }

    private static int handshake(TestCertificates made, String host) throws Exception {
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(made.keyManagers().getKeyManagers(), null, null);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, made.trustManagers().getTrustManagers(), null);
        try (SSLServerSocket listener =
                (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0)) {
            Thread served = new Thread(() -> answer(listener));
            served.start();
            try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(host, listener.getLocalPort())) {
                SSLParameters checked = socket.getSSLParameters();
                checked.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(checked);
                return socket.getInputStream().read();
            }
        }
    }

    private static void answer(SSLServerSocket listener) {
        try (Socket socket = listener.accept()) {
            socket.getOutputStream().write(42);
        } catch (IOException e) {
            // The client refused the certificate, and says so itself.
        }
    }
}
