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

    private OverloadedClient() {}

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
     */
    record Report(long items, long ended, long answered, long refused, long queuedBytes, long refusedNanos) {
        static Report parse(String line) {
            long[] figures =
                    Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
            return new Report(figures[0], figures[1], figures[2], figures[3], figures[4], figures[5]);
        }

        String line() {
            return items + " " + ended + " " + answered + " " + refused + " " + queuedBytes + " " + refusedNanos;
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
            return whenFull == WhenFull.WAIT ? waiting(client, duration) : refusing(client, duration);
        }
    }

    /** Ten times the rate, whatever becomes of it. */
    private static Report refusing(ItemClient client, Duration duration) {
        OpenLoad load = OpenLoad.of((int) (OVERLOAD * capacity()), duration);
        long[] queued = new long[1];
        load.run(new Ledger(load.calls()), number -> {
            queued[0] = Math.max(queued[0], queued(client));
            return client.predict(Item.of(number).withBytes(ITEM_BYTES));
        });
        return report(client, load.calls(), queued[0], load.latency(Outcome.REJECTED, 99));
    }

    /** Ten times as many items at once as there are places, each followed by another: callers that wait. */
    private static Report waiting(ItemClient client, Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        long queued = 0;
        int added = 0;
        while (System.nanoTime() < end) {
            while (added - client.ended() < OVERLOAD * MOST_QUEUED) {
                client.predict(Item.of(added++).withBytes(ITEM_BYTES));
            }
            queued = Math.max(queued, queued(client));
            LockSupport.parkNanos(1_000_000);
        }
        return report(client, added, queued, Duration.ZERO);
    }

    private static long queued(ItemClient client) {
        return client.predictor().batches().queued() * ITEM_BYTES;
    }

    private static Report report(ItemClient client, int items, long queued, Duration refusal) {
        client.ledger().settle();
        return new Report(
                items,
                client.ended(),
                client.ledger().count(Outcome.SUCCESS),
                client.ledger().count(Outcome.REJECTED),
                queued,
                refusal.toNanos());
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
