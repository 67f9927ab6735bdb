package io.foretell.scorecard;

import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A client that is given ten times what its server can do. Also a process of its own, with little memory. */
final class OverloadedClient {
    static final int MAX_ITEMS = 16;
    static final int ITEM_BYTES = 10 << 10;
    static final int MAX_QUEUED_BYTES = 1 << 20;
    static final int OVERLOAD = 10;

    private static final int MOST_QUEUED = MAX_QUEUED_BYTES / ITEM_BYTES;

    private final ItemClient client;

    /** The number of the load's first item. */
    private int first;

    /** The number after its last. */
    private int next;

    private long queued;

    private OverloadedClient(ItemClient client) {
        this.client = client;
    }

    /** How long the server takes for a batch, one after the other. */
    static long serviceNanos(int items) {
        return TimeUnit.MILLISECONDS.toNanos(20 + items);
    }

    /** What the server can do, items a second, in batches that are full. */
    static double capacity() {
        return MAX_ITEMS * 1e9 / serviceNanos(MAX_ITEMS);
    }

    /** How many numbers items may have at the most. */
    static int mostItems(Duration duration) {
        return (int) (2 * OVERLOAD * capacity() * (duration.toSeconds() + 1));
    }

    /**
     * How it went.
     *
     * @param queuedBytes the most that waited at any time
     * @param refusedNanos p99 of the refusals, from the intended start
     * @param nanos until the last was answered
     */
    record Report(
            long items, long ended, long answered, long refused, long queuedBytes, long refusedNanos, long nanos) {
        static Report parse(String line) {
            long[] figures =
                    Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
            return new Report(figures[0], figures[1], figures[2], figures[3], figures[4], figures[5], figures[6]);
        }

        String line() {
            return items + " " + ended + " " + answered + " " + refused + " " + queuedBytes + " " + refusedNanos + " "
                    + nanos;
        }
    }

    static Report run(Transport transport, WhenFull whenFull, Duration duration) {
        BatchPolicy policy = BatchPolicy.builder()
                .maxItems(MAX_ITEMS)
                .maxInFlight(2) // so that the server always has the next
                .maxQueuedBytes(MAX_QUEUED_BYTES)
                .whenFull(whenFull)
                .build();
        try (ItemClient client = ItemClient.real(mostItems(duration), transport, policy)) {
            OverloadedClient load = new OverloadedClient(client);
            load.run(whenFull, duration.dividedBy(10)); // the first that a JVM does takes long
            return load.run(whenFull, duration);
        }
    }

    private Report run(WhenFull whenFull, Duration duration) {
        first = client.ended();
        queued = 0;
        long start = System.nanoTime();
        Duration refusal = whenFull == WhenFull.WAIT ? waiting(duration) : refusing(duration);
        client.ledger().settle();
        return report(refusal, System.nanoTime() - start);
    }

    /** Ten times the rate, whatever becomes of it. Tells how long a refusal takes. */
    private Duration refusing(Duration duration) {
        OpenLoad load = OpenLoad.of((int) (OVERLOAD * capacity()), duration);
        load.run(new Ledger(load.calls()), call -> {
            queued = Math.max(queued, queued());
            return client.predict(Item.of(first + call).withBytes(ITEM_BYTES));
        });
        next = first + load.calls();
        return load.latency(Outcome.REJECTED, 99);
    }

    /** Ten times as many items at once as there are places, each followed by another: callers that wait. */
    private Duration waiting(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        next = first;
        while (System.nanoTime() < end) {
            while (next - client.ended() < OVERLOAD * MOST_QUEUED) {
                client.predict(Item.of(next++).withBytes(ITEM_BYTES));
            }
            queued = Math.max(queued, queued());
            LockSupport.parkNanos(1_000_000);
        }
        return Duration.ZERO;
    }

    private long queued() {
        return (long) client.predictor().batches().queued() * ITEM_BYTES;
    }

    private Report report(Duration refusal, long nanos) {
        Ledger ledger = client.ledger();
        return new Report(
                next - first,
                client.ended() - first,
                ledger.count(Outcome.SUCCESS, first, next),
                ledger.count(Outcome.REJECTED, first, next),
                queued,
                refusal.toNanos(),
                nanos);
    }

    /** @param arguments the server's address, what happens when the queue is full, and for how many seconds */
    public static void main(String[] arguments) {
        Report report = run(
                ItemTarget.Grpc.transport(arguments[0]),
                WhenFull.valueOf(arguments[1]),
                Duration.ofSeconds(Long.parseLong(arguments[2])));
        System.out.println(report.line());
    }
}
