package io.foretell.benchmarks.batching;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A model server's one worker: a batch takes 5 ms and 0.3 ms an item. A batch begins when it has come and the one before is
 * finished, not when a thread gets round to it, so no time of the server's is lost to its own timers.
 */
final class Server implements AutoCloseable {
    static final int MAX_ITEMS = 32;

    private static final long BATCH_NANOS = 5_000_000;
    private static final long ITEM_NANOS = 300_000;

    private final int speed;
    private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
    private final Thread worker = new Thread(this::run, "server");

    // The worker's, read when all is answered.
    private volatile long firstEnd;
    private volatile long lastEnd;
    private volatile long itemsSinceFirst;

    private record Work(int items, long cameNanos, CompletableFuture<Void> done) {}

    /** @param speed how many times as fast as it is said to be: for warming up */
    Server(int speed) {
        this.speed = speed;
        worker.setDaemon(true);
        worker.start();
    }

    static long serviceNanos(int items) {
        return BATCH_NANOS + items * ITEM_NANOS;
    }

    /** Items a second where every batch is full. */
    static double idealRate() {
        return MAX_ITEMS * 1e9 / serviceNanos(MAX_ITEMS);
    }

    /**
     * Completes, on the worker's thread, when the batch is served. Refuses none for its size: gax's batcher at times sends
     * one item more than it is told to.
     */
    CompletableFuture<Void> serve(int items) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        queue.add(new Work(items, System.nanoTime(), done));
        return done;
    }

    private void run() {
        try {
            long free = System.nanoTime();
            while (true) {
                Work work = queue.take();
                free += Math.max(0, work.cameNanos - free) + serviceNanos(work.items) / speed;
                Clock.waitUntil(free);
                count(work.items, free);
                work.done.complete(null);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void count(int items, long end) {
        if (firstEnd == 0) {
            firstEnd = end;
        } else {
            itemsSinceFirst += items;
        }
        lastEnd = end;
    }

    /** Items a second from the end of the first batch to the end of the last. */
    double rate() {
        return itemsSinceFirst * 1e9 / (lastEnd - firstEnd);
    }

    @Override
    public void close() {
        worker.interrupt();
    }
}
