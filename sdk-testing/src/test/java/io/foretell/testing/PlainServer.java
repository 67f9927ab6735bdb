package io.foretell.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of plain sockets: each connection is handled on a thread of its own, and then closed. */
final class PlainServer implements AutoCloseable {
    interface Handler {
        void handle(Socket socket) throws IOException;
    }

    /** Sends back whatever comes, until the client ends. */
    static final Handler ECHO = socket -> socket.getInputStream().transferTo(socket.getOutputStream());

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CompletableFuture<Void> accepting;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    PlainServer(Handler handler) throws IOException {
        listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        accepting = CompletableFuture.runAsync(() -> accept(handler), threads);
    }

    private void accept(Handler handler) {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                threads.execute(() -> serve(socket, handler));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void serve(Socket socket, Handler handler) {
        try (socket) {
            handler.handle(socket);
        } catch (IOException e) {
            // The client's end is what the tests look at.
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    FaultProxy proxy(long seed) {
        return FaultProxy.to((InetSocketAddress) listener.getLocalSocketAddress(), seed);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        accepting.join(); // which may have taken one more connection, and only now listens no more
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
