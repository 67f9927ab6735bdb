package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.error.ErrorCategory;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code of the user's within a batcher: codecs that throw, callbacks that call it. */
@Tag("scorecard")
@Timeout(120)
class BatchFaultRowsTest {
    private static final int HUNDREDS = Scorecard.quick(100, 1_000);
    private static final int ITEMS = HUNDREDS * 100;
    private static final int BAD = 50;

    /** Few places, so that each of them can be looked for at the end. */
    private static final int PLACES = 100;

    private static final BatchPolicy POLICY = BatchPolicy.builder()
            .maxItems(10)
            .linger(Duration.ofSeconds(1))
            .maxQueuedItems(PLACES)
            .build();

    /** Throws for one item in a hundred. */
    private static final class ThrowingCodec extends ItemCodec {
        private final boolean inSizing;

        ThrowingCodec(boolean inSizing) {
            this.inSizing = inSizing;
        }

        private static void refuse(Item item) {
            if (item.number() % 100 == BAD && item.number() < ITEMS) {
                throw new IllegalStateException("the user's");
            }
        }

        @Override
        public long sizeOf(Item item) {
            if (inSizing) {
                refuse(item);
            }
            return super.sizeOf(item);
        }

        @Override
        public Payload encode(List<Item> items) {
            if (!inSizing) {
                items.forEach(ThrowingCodec::refuse);
            }
            return super.encode(items);
        }
    }

    @Test
    void sizerThatThrows_failsItsItemAlone() throws Exception {
        Scorecard.row("D5", "sizer throws for 1 of 100 items, " + ITEMS + " items", row -> thrown(row, true));
    }

    @Test
    void encoderThatThrows_failsItsItemAlone() throws Exception {
        Scorecard.row("D5", "encoder throws for 1 of 100 items, " + ITEMS + " items", row -> {
            thrown(row, false);
            row.anchor("gax, good items refused", Math.round(100 * GaxBatcherTraps.goodItemsRefused(HUNDREDS)) + " %");
            row.anchor("gax, after 100 bad ones", GaxBatcherTraps.refusedAfterBadItems() + " of 100 refused");
        });
    }

    private static void thrown(Row row, boolean inSizing) {
        row.inject("virtual time");
        FakeClock clock = new FakeClock();
        ItemServer server = new ItemServer(ITEMS + 2 * PLACES + 1);
        ItemTransport transport = new ItemTransport(server, clock, items -> 0);
        try (ItemClient client =
                ItemClient.virtual(ITEMS + 2 * PLACES + 1, clock, transport, POLICY, new ThrowingCodec(inSizing))) {
            for (int number = 0; number < ITEMS; number++) {
                client.predict(Item.of(number));
            }
            clock.advance(Duration.ofSeconds(1));
            row.exactly("fail", HUNDREDS, client.ledger().count(Outcome.FAILURE));
            row.exactly("succeed", ITEMS - HUNDREDS, client.ledger().count(Outcome.SUCCESS));
            row.exactly("with a codec's error", HUNDREDS, client.ledger().count(ErrorCategory.CODEC));
            client.balance(row, server::requests);
            transport.latency(items -> TimeUnit.MINUTES.toNanos(1));
            row.exactly("places free", PLACES, placesFree(client));
            clock.advance(Duration.ofMinutes(2));
        }
    }

    /** How many items wait behind a full slot before one is refused. */
    private static int placesFree(ItemClient client) {
        int number = ITEMS;
        for (int item = 0; item < POLICY.maxItems(); item++) {
            client.predict(Item.of(number++));
        }
        int free = 0;
        while (!client.predict(Item.of(number++)).isDone()) {
            free++;
        }
        return free;
    }

    @Test
    void callback_mayCallTheBatcher() throws Exception {
        Scorecard.row("D6", "predict, flush and close in a callback, on the thread that completes the item", row -> {
            row.inject("virtual time");
            row.holds("predict returns", returns(predictor -> predictor.predict(Item.of(3))));
            row.holds("predictAsync returns", returns(predictor -> predictor.predictAsync(Item.of(3))));
            row.holds("flush returns", returns(Predictor::flush));
            row.holds("close returns", returns(Predictor::close));
            row.anchor("gax, flush returns", GaxBatcherTraps.returnsFromFlushInACallback());
        });
    }

    private interface Act {
        void on(Predictor<Item, Integer> predictor);
    }

    /**
     * Has a batch of two, whose first item's callback acts before the second has its answer, and tells whether that
     * returns and all items end.
     */
    private static boolean returns(Act act) throws InterruptedException {
        FakeClock clock = new FakeClock();
        ItemTransport transport = new ItemTransport(new ItemServer(4), clock, items -> 1);
        ItemClient client = ItemClient.virtual(4, clock, transport, BatchPolicy.ofSize(2));
        client.predict(Item.of(0)); // takes the slot, so that the next two share a batch
        CompletableFuture<Void> acted = client.predict(Item.of(1)).thenAccept(answer -> {
            transport.latency(items -> 0);
            act.on(client.predictor());
        });
        CompletableFuture<Integer> neighbour = client.predict(Item.of(2));
        Thread completing = GaxBatcher.daemon(() -> clock.advance(Duration.ofSeconds(1)));
        completing.start();
        completing.join(Scorecard.GUARD.toMillis());
        boolean returned = !completing.isAlive();
        if (returned) {
            client.close();
        }
        return returned && succeeded(acted) && succeeded(neighbour);
    }

    private static boolean succeeded(CompletableFuture<?> future) {
        return future.isDone() && !future.isCompletedExceptionally();
    }
}
