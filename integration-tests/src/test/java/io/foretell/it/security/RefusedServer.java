package io.foretell.it.security;

import io.foretell.testing.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A server on loopback that no client of ours may talk to. Counts the connections, and keeps what came on them outside
 * of a handshake. Serves one connection after the other.
 */
final class RefusedServer implements AutoCloseable {
    /** How it receives a connection; throws when the client, or it, has had enough. */
    private interface Manner {
        void meet(Socket connection) throws IOException;
    }

    /** TLS 1.1 chosen in answer to a hello: no session id, ECDHE-ECDSA with AES-128-CBC, no compression. */
    private static final String HELLO_1_1 = "160302002a" + "02000026" + "0302" + "5a".repeat(32) + "00" + "c009" + "00";

    private final ServerSocket listener;
    private final Manner manner;
    private final AtomicInteger accepted = new AtomicInteger();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private RefusedServer(Manner manner) {
        this.manner = manner;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on loopback", e);
        }
        Thread thread = new Thread(this::serve, "refused-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Speaks TLS 1.2 and 1.3 with this certificate. */
    @SuppressWarnings("resource") // the caller closes it
    static RefusedServer presenting(TestCertificates certificates, boolean clientCertificateNeeded) {
        SSLContext context = context(certificates);
        RefusedServer[] server = new RefusedServer[1];
        server[0] = new RefusedServer(raw -> {
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), false);
            tls.setUseClientMode(false);
            SSLParameters settings = tls.getSSLParameters();
            settings.setApplicationProtocols(new String[] {"h2", "http/1.1"});
            settings.setNeedClientAuth(clientCertificateNeeded);
            tls.setSSLParameters(settings);
            tls.startHandshake();
            server[0].keep(tls.getInputStream());
        });
        return server[0];
    }

    /** Knows TLS up to 1.1 only. */
    static RefusedServer oldTls() {
        return new RefusedServer(raw -> {
            raw.getInputStream().read();
            raw.getOutputStream().write(HexFormat.of().parseHex(HELLO_1_1));
        });
    }

    /** Knows no TLS: whatever comes is readable, and answered in HTTP. */
    @SuppressWarnings("resource")
    static RefusedServer plaintext() {
        RefusedServer[] server = new RefusedServer[1];
        server[0] = new RefusedServer(raw -> {
            byte[] start = raw.getInputStream().readNBytes(100);
            server[0].received.writeBytes(start);
            raw.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        });
        return server[0];
    }

    private static SSLContext context(TestCertificates certificates) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificates.keyManagers().getKeyManagers(),
                    certificates.trustManagers().getTrustManagers(),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no use of the certificates", e);
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket connection = listener.accept()) {
                accepted.incrementAndGet();
                connection.setSoTimeout(10_000);
                meet(connection);
                // Closing over unread bytes would reset the connection, and our alert with it.
                connection.shutdownOutput();
                connection.getInputStream().transferTo(ByteArrayOutputStream.nullOutputStream());
            } catch (IOException e) {
                // The client is gone, or close() was called.
            }
        }
    }

    private void meet(Socket connection) {
        try {
            manner.meet(connection);
        } catch (IOException e) {
            // A handshake that failed; the test looks at the client's side of it.
        }
    }

    private void keep(InputStream decrypted) throws IOException {
        decrypted.transferTo(received);
    }

    String target() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    int accepted() {
        return accepted.get();
    }

    /** What came in after a handshake or, without TLS, in its place. */
    String received() {
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot stop listening", e);
        }
    }
}
