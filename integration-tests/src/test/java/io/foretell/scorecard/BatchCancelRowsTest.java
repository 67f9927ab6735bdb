package io.foretell.scorecard;

import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Items that are given up while their neighbours go on. */
@Tag("scorecard")
@Timeout(120)
class BatchCancelRowsTest {
    private static final int ITEMS = 100;
    private static final int EVERY = 10;
    private static final int CANCELLED = ITEMS / EVERY;

    /** Each request needs one of these to be answered. */
    private final Semaphore gate = new Semaphore(0);

    private final ItemServer server = new ItemServer(1 + 2 * ITEMS).model(words -> {
        gate.acquireUninterruptibly();
        return words;
    });

    @ParameterizedTest
    @EnumSource
    void cancelledItems_leaveTheirNeighboursAlone(Target.Protocol protocol) throws Exception {
        Scorecard.row("D10", "10 % of the items cancelled before and after they are sent, " + protocol, row -> {
            row.inject("sandbox");
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client =
                            ItemClient.real(1 + 2 * ITEMS, target.transport(), BatchPolicy.ofSize(2 * ITEMS))) {
                client.predict(Item.of(0)); // takes the slot: all that follow wait
                arrived(1);
                cancelBefore(row, client);
                cancelAfter(row, client);
                client.balance(row, target::requests);
            } finally {
                gate.release(ITEMS);
            }
        });
    }

    @Test
    void requestWithoutItems_isGivenUp() throws Exception {
        Scorecard.row("D10", "all items of a batch cancelled, one after the other", row -> {
            row.inject("virtual time");
            FakeClock clock = new FakeClock();
            FakeTransport transport = new FakeTransport();
            BatchPolicy together = BatchPolicy.builder()
                    .maxItems(EVERY)
                    .linger(Duration.ofSeconds(1))
                    .build();
            try (ItemClient client = ItemClient.virtual(EVERY + 1, clock, transport, together)) {
                List<CompletableFuture<Integer>> items = predict(client, 0, EVERY);
                row.exactly("sent", 1, transport.sends());
                items.subList(1, EVERY).forEach(item -> item.cancel(true));
                row.exactly("given up with " + (EVERY - 1) + " of its items", 0, transport.cancels());
                items.get(0).cancel(true);
                row.exactly("with the last", 1, transport.cancels());
                client.predict(Item.of(EVERY)).cancel(true);
                clock.advance(Duration.ofSeconds(2));
                row.exactly("sent of a batch that is given up before", 0, transport.sends() - 1);
                client.balance(row, transport::sends);
            }
        });
    }

    private void arrived(long requests) {
        Eventually.counts(requests, server::requests, Scorecard.GUARD);
    }

    private void cancelBefore(Row row, ItemClient client) {
        List<CompletableFuture<Integer>> items = predict(client, 1, ITEMS);
        cancelSome(items);
        gate.release(2);
        arrived(2);
        settle(items);
        row.exactly("cancelled before: sent", 0, sent(1));
        row.exactly("neighbours answered", ITEMS - CANCELLED, succeeded(client, 1));
    }

    private void cancelAfter(Row row, ItemClient client) {
        int from = 1 + ITEMS;
        List<CompletableFuture<Integer>> items = fill(client, from);
        cancelSome(items);
        gate.release();
        settle(items);
        row.exactly("cancelled after: sent", CANCELLED, sent(from));
        row.exactly("neighbours answered", ITEMS - CANCELLED, succeeded(client, from));
    }

    private static List<CompletableFuture<Integer>> predict(ItemClient client, int from, int count) {
        List<CompletableFuture<Integer>> items = new ArrayList<>();
        for (int item = 0; item < count; item++) {
            items.add(client.predict(Item.of(from + item)));
        }
        return items;
    }

    /** Has all items in flight: the first alone, the others in one request. */
    private List<CompletableFuture<Integer>> fill(ItemClient client, int from) {
        long before = server.requests();
        List<CompletableFuture<Integer>> items = predict(client, from, ITEMS);
        gate.release();
        arrived(before + 2);
        return items;
    }

    private static void cancelSome(List<CompletableFuture<Integer>> items) {
        for (int item = EVERY - 1; item < ITEMS; item += EVERY) {
            items.get(item).cancel(true);
        }
    }

    private static void settle(List<CompletableFuture<Integer>> items) {
        Eventually.holds(() -> items.stream().allMatch(CompletableFuture::isDone), Scorecard.GUARD);
    }

    /** How many of the cancelled items came to the server. */
    private long sent(int from) {
        return IntStream.iterate(EVERY - 1, item -> item < ITEMS, item -> item + EVERY)
                .filter(item -> server.seen(from + item) > 0)
                .count();
    }

    private static long succeeded(ItemClient client, int from) {
        return client.ledger().count(Outcome.SUCCESS, from, from + ITEMS);
    }
}
