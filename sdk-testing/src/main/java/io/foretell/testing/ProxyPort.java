package io.foretell.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A port of the loopback address: listening, or refusing while a socket that does not listen keeps it from being given
 * away. Lives on the proxy's thread.
 */
final class ProxyPort {
    private static final int BACKLOG = 1024;

    private final Selector selector;
    private final InetSocketAddress address;
    private NetworkChannel holder;

    /** Listens on a free port. */
    ProxyPort(Selector selector) throws IOException {
        this.selector = selector;
        holder = listening(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        address = (InetSocketAddress) holder.getLocalAddress();
    }

    private ServerSocketChannel listening(InetSocketAddress where) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(where, BACKLOG).configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            return listener;
        } catch (IOException e) {
            ProxyConnection.closeQuietly(listener);
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** A connection that waits; null if there is none, or it has gone again. */
    @Nullable
    SocketChannel accept() {
        try {
            return holder instanceof ServerSocketChannel listener ? listener.accept() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Refuses connections; those that wait to be accepted are reset. */
    void refuse() {
        if (holder instanceof ServerSocketChannel) {
            change(() -> {
                close();
                selector.selectNow(); // only then is the port free
                SocketChannel silent = SocketChannel.open();
                silent.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                return silent.bind(address);
            });
        }
    }

    /** Listens again. */
    void listen() {
        if (!(holder instanceof ServerSocketChannel)) {
            NetworkChannel silent = holder;
            change(() -> listening(address));
            ProxyConnection.closeQuietly(silent);
        }
    }

    private interface Opening {
        NetworkChannel open() throws IOException;
    }

    private void change(Opening opening) {
        try {
            holder = opening.open();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot have port " + address.getPort() + " again", e);
        }
    }

    void close() {
        ProxyConnection.closeQuietly(holder);
    }
}
