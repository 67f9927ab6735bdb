package io.foretell.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The proxy's thread: it accepts connections, moves their bytes, keeps their time, and does what it is told. */
final class ProxyLoop {
    private static final int SCRATCH_BYTES = 64 * 1024;

    private final InetSocketAddress server;
    private final ProxyCounters counters;
    private final SplittableRandom random;
    private final Selector selector;
    private final ProxyPort port;
    private final Thread thread;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private final Set<ProxyConnection> connections = new LinkedHashSet<>();
    private final Set<ProxyConnection> timed = new HashSet<>();
    private NetworkPlan plan = (connection, luck) -> List.of();
    private long accepted;

    /** Guarded by itself, as is {@link #closed}. */
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    private boolean closed;

    ProxyLoop(InetSocketAddress server, long seed, ProxyCounters counters) throws IOException {
        this.server = server;
        this.counters = counters;
        random = new SplittableRandom(seed);
        selector = Selector.open();
        port = new ProxyPort(selector);
        thread = new Thread(this::run, "foretell-fault-proxy-" + address().getPort());
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return port.address();
    }

    private void run() {
        try {
            while (!isClosed()) {
                select();
                runTasks();
                selector.selectedKeys().forEach(this::ready);
                selector.selectedKeys().clear();
                long now = System.nanoTime();
                List.copyOf(timed).stream().filter(one -> one.pause(now) <= 0).forEach(this::proceed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("fault proxy on port " + address().getPort(), e);
        } finally {
            end();
        }
    }

    private void select() throws IOException {
        long now = System.nanoTime();
        long pause = timed.stream().mapToLong(one -> one.pause(now)).min().orElse(Flow.NEVER);
        if (pause == Flow.NEVER) {
            selector.select();
        } else if (pause <= 0) {
            selector.selectNow();
        } else {
            selector.select(TimeUnit.NANOSECONDS.toMillis(pause) + 1);
        }
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof ProxyConnection connection) {
            proceed(connection);
        } else {
            accept();
        }
    }

    private void accept() {
        SocketChannel client = port.accept();
        if (client == null) {
            return;
        }
        counters.connections.increment();
        SplittableRandom luck = random.split();
        ProxyConnection connection;
        try {
            connection = new ProxyConnection(client, server, selector, counters, luck.split());
        } catch (IOException e) {
            ProxyConnection.closeQuietly(client);
            return;
        }
        connections.add(connection);
        connection.arm(faults(++accepted, luck));
        proceed(connection);
    }

    /** What the plan says; a plan that throws is reported as an uncaught exception, and resets the connection. */
    private List<NetworkFault> faults(long number, SplittableRandom luck) {
        try {
            return List.copyOf(plan.faults(number, luck));
        } catch (RuntimeException e) {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            return List.of(NetworkFault.reset());
        }
    }

    private void proceed(ProxyConnection connection) {
        connection.proceed(scratch);
        if (connection.isClosed()) {
            connections.remove(connection);
        }
        if (connection.pause(0) == Flow.NEVER) {
            timed.remove(connection);
        } else {
            timed.add(connection);
        }
    }

    // What it can be told, by any thread; each returns when it is done.

    void plan(NetworkPlan plan) {
        call(() -> this.plan = plan);
    }

    void armOpen(List<NetworkFault> faults) {
        call(() -> List.copyOf(connections).forEach(connection -> {
            connection.arm(faults);
            proceed(connection);
        }));
    }

    void armAll(NetworkPlan plan, List<NetworkFault> faults) {
        call(() -> {
            plan(plan);
            armOpen(faults);
        });
    }

    void refuse() {
        call(port::refuse);
    }

    void listen() {
        call(port::listen);
    }

    private void call(Runnable task) {
        if (Thread.currentThread() == thread) { // a plan's own
            task.run();
            return;
        }
        FutureTask<Void> call = new FutureTask<>(task, null);
        synchronized (tasks) {
            if (closed) {
                throw new IllegalStateException(
                        "the fault proxy on port " + address().getPort() + " is closed");
            }
            tasks.add(call);
        }
        selector.wakeup();
        await(call);
    }

    private static void await(FutureTask<Void> call) {
        try {
            call.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the fault proxy was told what to do", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the fault proxy cannot do that", e.getCause());
        }
    }

    private void runTasks() {
        List<Runnable> now;
        synchronized (tasks) {
            now = List.copyOf(tasks);
            tasks.clear();
        }
        now.forEach(Runnable::run);
    }

    private boolean isClosed() {
        synchronized (tasks) {
            return closed;
        }
    }

    /** The thread's last: whoever was told to wait is let go, and every socket is closed. */
    private void end() {
        synchronized (tasks) {
            closed = true;
        }
        runTasks();
        List.copyOf(connections).forEach(ProxyConnection::abort);
        port.close();
        try {
            selector.close(); // which also lets go of the sockets that were registered
        } catch (IOException e) {
            throw new UncheckedIOException("fault proxy on port " + address().getPort(), e);
        }
    }

    /** Ends the thread, and with it all connections. */
    void close() {
        synchronized (tasks) {
            closed = true;
        }
        selector.wakeup();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
