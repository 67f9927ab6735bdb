package io.foretell.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A TCP proxy on loopback that does to connections what networks do: it resets, ends, stalls, slows, delays and corrupts
 * them. It sees bytes only, so whatever is spoken over TCP works through it, TLS and HTTP/2 included. It listens, and
 * forwards unharmed, from the moment it is made until it is closed.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port())) {
 *     client.connect(proxy.target());
 *     proxy.onNew(reset().onRequest(0.05));                    // every twentieth request of new connections
 *     proxy.onOpen(reset());                                   // all connections there are, now
 *     proxy.onAll(stall());                                    // a black hole ...
 *     proxy.heal();                                            // ... that ends
 *     proxy.refuse();                                          // nobody listens
 *     proxy.plan((number, random) -> number % 2 == 0 ? List.of(truncate(100)) : List.of());
 * }
 * }</pre>
 *
 * <p>What {@link NetworkFault}s a connection gets is drawn from one seed: the same seed and plan doom the same
 * connections, counted in the order of acceptance, at the same requests. The seed is in {@link #toString()}.
 *
 * <p>Thread-safe. A method that changes faults returns when the change is in force; after {@link #close()} it throws
 * {@link IllegalStateException}. One daemon thread serves all connections of a proxy. When the server cannot be reached,
 * or one side resets its connection, the other side's is reset; such resets are not counted.
 */
public final class FaultProxy implements AutoCloseable {
    private final InetSocketAddress server;
    private final long seed;
    private final ProxyCounters counters = new ProxyCounters();
    private final ProxyLoop loop;

    private FaultProxy(InetSocketAddress server, long seed) {
        this.server = Objects.requireNonNull(server, "server");
        this.seed = seed;
        try {
            loop = new ProxyLoop(server, seed, counters);
        } catch (IOException e) {
            throw new UncheckedIOException("no fault proxy to " + server, e);
        }
    }

    /** A proxy to a server, with a seed of its own. */
    public static FaultProxy to(String host, int port) {
        return to(new InetSocketAddress(host, port), new SplittableRandom().nextLong());
    }

    /** A proxy to a server, with this seed: that of a run to be repeated. */
    public static FaultProxy to(InetSocketAddress server, long seed) {
        return new FaultProxy(server, seed);
    }

    /** The port it listens on. */
    public int port() {
        return loop.address().getPort();
    }

    /** Where it listens: {@code 127.0.0.1:port}. */
    public String target() {
        return loop.address().getAddress().getHostAddress() + ":" + port();
    }

    /** Connections accepted from now on get these faults; none for healthy ones. */
    public void onNew(NetworkFault... faults) {
        List<NetworkFault> all = List.of(faults);
        plan((connection, random) -> all);
    }

    /**
     * Connections accepted from now on get what the plan says. A plan that throws is reported as an uncaught exception of
     * the proxy's thread, and its connection is reset.
     */
    public void plan(NetworkPlan plan) {
        loop.plan(Objects.requireNonNull(plan, "plan"));
    }

    /** The connections that are open get these faults, and lose those they had; new ones are not concerned. */
    public void onOpen(NetworkFault... faults) {
        loop.armOpen(List.of(faults));
    }

    /** {@link #onNew} and {@link #onOpen} in one. */
    public void onAll(NetworkFault... faults) {
        List<NetworkFault> all = List.of(faults);
        loop.armAll((connection, random) -> all, all);
    }

    /** Lifts all faults: what was stalled goes on, new connections are healthy, and the port listens. */
    public void heal() {
        onAll();
        accept();
    }

    /** Closes the listening socket, so that new connections are refused; open ones go on. */
    public void refuse() {
        loop.refuse();
    }

    /** Listens again, on the same port. */
    public void accept() {
        loop.listen();
    }

    /** How many connections were accepted. */
    public long connections() {
        return counters.connections.sum();
    }

    /** How many connections were reset by a fault. */
    public long resets() {
        return counters.resets.sum();
    }

    /** How many requests have begun, by the taking of turns; see {@link NetworkFault}. */
    public long requests() {
        return counters.requests.sum();
    }

    /** How many bytes were forwarded to the server. */
    public long bytesToServer() {
        return counters.bytesToServer.sum();
    }

    /** How many bytes were forwarded to clients. */
    public long bytesToClient() {
        return counters.bytesToClient.sum();
    }

    /** Ends the thread and resets all connections; closing twice does nothing more. */
    @Override
    public void close() {
        loop.close();
    }

    @Override
    public String toString() {
        return "FaultProxy[" + target() + " to " + server + ", seed " + seed + "]";
    }
}
