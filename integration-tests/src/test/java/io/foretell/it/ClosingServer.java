package io.foretell.it;

import io.foretell.testing.TestCertificates;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A server that promises to keep each connection, answers one request on it, and ends it: every one goes stale. */
final class ClosingServer implements AutoCloseable {
    /** How a connection ends. */
    enum Ending {
        CLOSED,
        RESET
    }

    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong".getBytes(StandardCharsets.US_ASCII);

    /** Requests that have arrived whole. */
    final AtomicInteger requests = new AtomicInteger();

    private final boolean secure;
    private final Ending ending;
    private final ServerSocket listener;

    /** With certificates over TLS, else without. */
    ClosingServer(@Nullable TestCertificates certificates, Ending ending) throws Exception {
        this.secure = certificates != null;
        this.ending = ending;
        this.listener = listener(certificates);
        Thread acceptor = new Thread(this::accept, "closing-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    private static ServerSocket listener(@Nullable TestCertificates certificates) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (certificates == null) {
            return new ServerSocket(0, 50, loopback);
        }
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(certificates.keyManagers().getKeyManagers(), null, null);
        return tls.getServerSocketFactory().createServerSocket(0, 50, loopback);
    }

    URI uri() {
        return URI.create((secure ? "https" : "http") + "://127.0.0.1:" + listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread connection = new Thread(() -> serve(socket), "closing-connection");
                connection.setDaemon(true);
                connection.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            if (!arrived(new BufferedInputStream(socket.getInputStream()))) {
                return;
            }
            requests.incrementAndGet();
            socket.getOutputStream().write(ANSWER);
            if (ending == Ending.RESET) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // the client is gone
        }
    }

    private static boolean arrived(InputStream in) throws IOException {
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
            }
        }
        return length > 0 && in.readNBytes(length).length == length;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().trim();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
