package io.foretell.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Much at once: a large transfer, and many connections. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultProxyLoadTest {
    private static final int MIB = 1 << 20;

    @Test
    void largeTransfer_arrivesIntact() throws Exception {
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try (PlainServer server = new PlainServer(PlainServer.ECHO);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            Future<byte[]> sent = sender.submit(() -> send(socket, 64));
            MessageDigest received = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(socket.getInputStream(), received)) {
                assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(64L * MIB);
            }
            assertThat(received.digest()).isEqualTo(sent.get());
            assertThat(proxy.bytesToClient()).isEqualTo(64L * MIB);
        } finally {
            sender.shutdownNow();
        }
    }

    private static byte[] send(Socket socket, int mebibytes) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        DigestOutputStream out = new DigestOutputStream(socket.getOutputStream(), digest);
        byte[] chunk = new byte[MIB];
        Random random = new Random(7);
        for (int i = 0; i < mebibytes; i++) {
            random.nextBytes(chunk);
            out.write(chunk);
        }
        socket.shutdownOutput();
        return digest.digest();
    }

    @Test
    void manyConnections_eachHasItsOwnBytes() throws Exception {
        int clients = 200;
        CyclicBarrier allConnected = new CyclicBarrier(clients);
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (PlainServer server = new PlainServer(PlainServer.ECHO);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port())) {
            List<Callable<Void>> calls = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int id = i;
                calls.add(() -> talk(proxy, id, allConnected));
            }
            for (Future<Void> call : threads.invokeAll(calls)) {
                call.get();
            }
            assertThat(proxy.connections()).isEqualTo(clients);
            assertThat(proxy.requests()).isEqualTo(clients * 20L);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Void talk(FaultProxy proxy, int id, CyclicBarrier allConnected) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            allConnected.await();
            for (int round = 0; round < 20; round++) {
                byte[] message = ("client " + id + ", round " + round).getBytes();
                exchange(socket, message);
            }
        }
        return null;
    }

    private static void exchange(Socket socket, byte[] message) throws IOException {
        socket.getOutputStream().write(message);
        assertThat(socket.getInputStream().readNBytes(message.length)).isEqualTo(message);
    }
}
