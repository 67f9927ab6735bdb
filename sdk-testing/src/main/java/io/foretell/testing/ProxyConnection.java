package io.foretell.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client's connection and its twin to the server: connecting, then open while one of its two directions is, then
 * closed. An error of one side's socket resets the other side's. Lives on the proxy's thread.
 */
final class ProxyConnection {
    private final SocketChannel client;
    private final SocketChannel server;
    private final SelectionKey clientKey;
    private final SelectionKey serverKey;
    private final ProxyCounters counters;
    private final SplittableRandom random;
    private final Flow toServer;
    private final Flow toClient;
    private boolean clientsTurn = true;
    private boolean connected;
    private boolean closed;

    ProxyConnection(
            SocketChannel client,
            InetSocketAddress address,
            Selector selector,
            ProxyCounters counters,
            SplittableRandom random)
            throws IOException {
        this.client = client;
        this.counters = counters;
        this.random = random;
        server = SocketChannel.open();
        toServer = new Flow(this, client, server, counters.bytesToServer, random.split());
        toClient = new Flow(this, server, client, counters.bytesToClient, random.split());
        clientKey = register(client, selector);
        serverKey = register(server, selector);
        connect(address);
    }

    private SelectionKey register(SocketChannel channel, Selector selector) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel.register(selector, 0, this);
    }

    private void connect(InetSocketAddress address) {
        try {
            connected = server.connect(address);
            serverKey.interestOps(connected ? 0 : SelectionKey.OP_CONNECT);
        } catch (IOException e) {
            abort();
        }
    }

    /** Gives it these faults instead of what it had. */
    void arm(List<NetworkFault> faults) {
        List<ArmedFault> server = new ArrayList<>();
        List<ArmedFault> client = new ArrayList<>();
        for (NetworkFault fault : faults) {
            if (random.nextDouble() < fault.probability()) {
                if (fault.isToServer()) {
                    server.add(new ArmedFault(fault, random.split()));
                }
                if (fault.isToClient()) {
                    client.add(new ArmedFault(fault, random.split()));
                }
            }
        }
        toServer.arm(server);
        toClient.arm(client);
    }

    /** Does all that can be done now. */
    void proceed(ByteBuffer scratch) {
        try {
            if (!closed && (connected || server.finishConnect())) {
                connected = true;
                move(scratch);
            }
        } catch (IOException e) {
            abort();
        }
    }

    private void move(ByteBuffer scratch) throws IOException {
        toServer.read(scratch);
        toClient.read(scratch);
        toServer.write();
        toClient.write();
        if (!closed && toServer.isOver() && toClient.isOver()) {
            close();
        }
        if (!closed) {
            clientKey.interestOps(interest(toServer, toClient));
            serverKey.interestOps(interest(toClient, toServer));
        }
    }

    private static int interest(Flow from, Flow to) {
        return (from.wantsToRead() ? SelectionKey.OP_READ : 0) | (to.wantsToWrite() ? SelectionKey.OP_WRITE : 0);
    }

    /** In how many nanoseconds it is to proceed even if no socket is ready; {@link Flow#NEVER} if not. */
    long pause(long now) {
        return closed ? Flow.NEVER : Math.min(toServer.pause(now), toClient.pause(now));
    }

    /** A direction has a byte to forward next: a request begins when the client's turn to speak is taken. */
    void forwarding(Flow flow) {
        if (flow == toServer && clientsTurn) {
            clientsTurn = false;
            counters.requests.increment();
            toServer.requestBegan();
            toClient.requestBegan();
        }
    }

    /** A direction has forwarded bytes. */
    void forwarded(Flow flow) {
        clientsTurn |= flow == toClient;
    }

    /** Ends it as a fault. */
    void reset() {
        counters.resets.increment();
        abort();
    }

    /** Ends it with a reset to both sides. */
    void abort() {
        try {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            server.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // A socket that is dead already: nothing left to reset.
        }
        close();
    }

    private void close() {
        closed = true;
        closeQuietly(client);
        closeQuietly(server);
    }

    static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone all the same, and nobody is left to be told.
        }
    }

    boolean isClosed() {
        return closed;
    }
}
