package io.foretell.scorecard;

import io.foretell.event.BatchEvent.Reason;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a batch leaves: with the item that fills it, with its linger, or at once where nothing is out. */
@Tag("scorecard")
@Timeout(120)
class BatchLeavingRowsTest {
    private static final int FULL = 4;
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final int[] LINGERS = {0, 1, 5, 20};
    private static final int ROUNDS = Scorecard.quick(10, 100);
    private static final BatchPolicy BY_ITEMS =
            BatchPolicy.builder().maxItems(FULL).linger(LINGER).build();

    /** Never over, however slow a machine is: only what fills the batch lets it go. */
    private static final BatchPolicy PATIENT =
            BY_ITEMS.toBuilder().linger(Duration.ofMinutes(5)).build();

    private static final BatchPolicy BY_BYTES =
            BatchPolicy.builder().maxBytes(1 << 20).linger(LINGER).build();

    @Test
    void fullBatch_leavesWithTheItemThatFillsIt() throws Exception {
        Scorecard.row("D2", "exactly maxItems, or maxBytes, added, linger 1 s", row -> {
            row.inject("virtual time");
            fill(row, "maxItems", BY_ITEMS, 0);
            fill(row, "maxBytes", BY_BYTES, (1 << 20) / FULL);
            row.anchor(
                    "gax, waits ms",
                    GaxBatcherTraps.fullBatchWaits(FULL, LINGER).toMillis());
        });
    }

    private static void fill(Row row, String limit, BatchPolicy policy, int bytes) {
        FakeClock clock = new FakeClock();
        ItemServer server = new ItemServer(FULL);
        try (ItemClient client =
                ItemClient.virtual(FULL, clock, new ItemTransport(server, clock, items -> 0), policy)) {
            for (int number = 0; number < FULL - 1; number++) {
                client.predict(Item.of(number).withBytes(bytes));
            }
            row.exactly(limit + ": requests before the last item", 0, server.requests());
            client.predict(Item.of(FULL - 1).withBytes(bytes));
            row.exactly("requests at once", 1, server.requests());
            row.exactly("items in it", FULL, server.sizes().get(0));
            row.exactly("left", 0, client.left());
        }
    }

    @ParameterizedTest
    @EnumSource
    void fullBatch_arrivesAtOnce(Target.Protocol protocol) throws Exception {
        Scorecard.row("D2", "exactly maxItems added, linger 5 min, " + protocol, row -> {
            row.inject("sandbox");
            ItemServer server = new ItemServer(2 * ROUNDS * FULL);
            Histogram waits = new Histogram(3);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client = ItemClient.real(2 * ROUNDS * FULL, target.transport(), PATIENT)) {
                for (int round = 0; round < 2 * ROUNDS; round++) {
                    client.predict(round * FULL, (round + 1) * FULL);
                    long filled = System.nanoTime();
                    client.ledger().settle();
                    if (round >= ROUNDS) { // warm
                        waits.recordValue(Math.max(0, server.lastArrival() - filled));
                    }
                }
                row.exactly(
                        "full batches", 2 * ROUNDS, client.predictor().batches().batches(Reason.ITEMS));
                row.exactly("batches", 2 * ROUNDS, client.predictor().batches().batches());
                row.within("arrives after the last item, p95", Duration.ofMillis(5), percentile(waits, 95));
                client.balance(row, target::requests);
            }
        });
    }

    private static Duration percentile(Histogram nanos, double percentile) {
        return Duration.ofNanos(nanos.getValueAtPercentile(percentile));
    }

    @Test
    void lingeringBatch_leavesByItsFirstItem() throws Exception {
        Scorecard.row("D3", "single items and pairs, linger 0, 1, 5 and 20 ms", row -> {
            row.inject("virtual time");
            for (int millis : LINGERS) {
                row.holds("sent after " + millis + " ms, not before", isSentInTime(Duration.ofMillis(millis)));
            }
        });
    }

    /** Of an item alone, and of one that another follows in the middle of its linger. */
    private static boolean isSentInTime(Duration linger) {
        FakeClock clock = new FakeClock();
        ItemServer server = new ItemServer(3);
        BatchPolicy policy = BatchPolicy.builder().linger(linger).build();
        try (ItemClient client = ItemClient.virtual(3, clock, new ItemTransport(server, clock, items -> 0), policy)) {
            clock.advance(Duration.ofMillis(7)); // off the beat of any tick
            client.predict(Item.of(0));
            boolean alone = sentBefore(clock, server, linger) == 0 && server.requests() == 1;
            Duration half = linger.dividedBy(2);
            client.predict(Item.of(1));
            clock.advance(half);
            client.predict(Item.of(2));
            clock.advance(linger.minus(half));
            boolean followed = server.requests() == (linger.isZero() ? 3 : 2);
            return alone && followed && client.ended() == 3 && client.left() == 0;
        }
    }

    private static long sentBefore(FakeClock clock, ItemServer server, Duration linger) {
        if (linger.isZero()) {
            return 0;
        }
        clock.advance(linger.minusNanos(1));
        long sent = server.requests();
        clock.advance(Duration.ofNanos(1));
        return sent;
    }

    @Test
    void lingeringItem_isSentInTime() throws Exception {
        Scorecard.row("D3", "single items, linger 0, 1, 5 and 20 ms, in real time", row -> {
            row.inject("threads");
            for (int millis : LINGERS) {
                linger(row, millis);
            }
        });
    }

    private static void linger(Row row, int millis) {
        BatchPolicy policy =
                BatchPolicy.builder().linger(Duration.ofMillis(millis)).build();
        ItemServer server = new ItemServer(2 * ROUNDS);
        Histogram waits = new Histogram(3);
        try (PendingTimers timers = new PendingTimers();
                ItemClient client =
                        ItemClient.real(2 * ROUNDS, new ItemTransport(server, timers, items -> 0), policy)) {
            for (int round = 0; round < 2 * ROUNDS; round++) {
                long added = System.nanoTime();
                client.predict(Item.of(round)).join();
                if (round >= ROUNDS) { // warm
                    waits.recordValue(server.lastArrival() - added);
                }
            }
            row.exactly("linger " + millis + " ms: requests", 2 * ROUNDS, server.requests());
            row.within("p99", Duration.ofMillis(millis + 2), percentile(waits, 99));
        }
    }

    @Test
    void idleClient_waitsForNothing() throws Exception {
        Scorecard.row("D14", "idle client, 1/s", row -> {
            row.inject("virtual time");
            FakeClock clock = new FakeClock();
            ItemServer server = new ItemServer(ROUNDS);
            ItemTransport transport = new ItemTransport(server, clock, items -> TimeUnit.MILLISECONDS.toNanos(10));
            try (ItemClient client = ItemClient.virtual(ROUNDS, clock, transport, BatchPolicy.ofSize(64))) {
                int atOnce = 0;
                for (int number = 0; number < ROUNDS; number++) {
                    client.predict(Item.of(number));
                    atOnce += server.requests() == number + 1 ? 1 : 0;
                    clock.advance(Duration.ofSeconds(1));
                }
                row.exactly("sent at once", ROUNDS, atOnce);
                client.balance(row, server::requests);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void idleClient_isAsFastAsWithout(Target.Protocol protocol) throws Exception {
        Scorecard.row("D14", "idle client, batching beside none, " + protocol, row -> {
            row.inject("sandbox");
            ItemServer server = new ItemServer(4 * ROUNDS);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient batching = ItemClient.real(4 * ROUNDS, target.transport(), BatchPolicy.ofSize(64));
                    ItemClient plain = ItemClient.real(4 * ROUNDS, target.transport(), BatchPolicy.none())) {
                Histogram with = new Histogram(3);
                Histogram without = new Histogram(3);
                for (int round = 0; round < 2 * ROUNDS; round++) {
                    long took = latency(batching, 2 * round);
                    long plainTook = latency(plain, 2 * round + 1);
                    if (round >= ROUNDS) { // warm
                        with.recordValue(took);
                        without.recordValue(plainTook);
                    }
                }
                row.exactly("requests", 4 * ROUNDS, target.requests());
                row.measured("p50", percentile(with, 50)).measured("without", percentile(without, 50));
                row.within("added", Duration.ofMillis(1), percentile(with, 50).minus(percentile(without, 50)));
                row.exactly("left", 0, Eventually.counts(0, batching::left, Scorecard.GUARD));
            }
        });
    }

    private static long latency(ItemClient client, int number) {
        long start = System.nanoTime();
        client.predict(Item.of(number)).join();
        return System.nanoTime() - start;
    }
}
