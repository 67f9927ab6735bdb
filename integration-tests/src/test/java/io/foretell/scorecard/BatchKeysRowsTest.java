package io.foretell.scorecard;

import io.foretell.CallOptions;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.transport.AttributeKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Items that must not share a batch, mixed. The server takes one batch after the other. */
@Tag("scorecard")
@Timeout(120)
class BatchKeysRowsTest {
    private static final int KEYS = 8;
    private static final int SHAPES = 4;
    private static final BatchPolicy POLICY = BatchPolicy.ofSize(32);

    /** Fills a batch of each key twice over. */
    private static final int OUT = 2 * KEYS * POLICY.maxItems();

    private static final int ITEMS = Scorecard.quick(2, 10) * OUT;
    private static final int VIRTUAL_ITEMS = 10 * OUT;
    private static final Duration PAUSE = Duration.ofNanos(100_000);
    private static final AttributeKey<Integer> VARIANT = AttributeKey.of("variant", Integer.class);

    /** Knows a shape by its key; which variant is asked is not the codec's affair. */
    private static final class ShapeCodec extends ItemCodec {
        @Override
        public Object batchKey(Item item) {
            return item.key() % SHAPES;
        }
    }

    private static void predict(ItemClient client, int number, int keys) {
        Item item = Item.of(number).withKey(number % keys);
        client.predict(item, CallOptions.none().with(VARIANT, item.key() / SHAPES));
    }

    /** Has so many items out until all of these numbers are answered. */
    private static void load(ItemClient client, int keys, int from, int to, Runnable pause) {
        for (int number = from; client.ended() < to; pause.run()) {
            while (number < to && number - client.ended() < OUT) {
                predict(client, number++, keys);
            }
        }
    }

    private static long serviceNanos(int items) {
        return TimeUnit.MICROSECONDS.toNanos(5_000 + 300L * items);
    }

    @Test
    void keys_areNeverMixed() throws Exception {
        Scorecard.row("D15", "4 shapes and 2 variants, mixed", row -> {
            row.inject("virtual time");
            double one = virtualSeconds(row, 1);
            double eight = virtualSeconds(row, KEYS);
            row.atLeast("throughput of a single key's", 0.9, one / eight);
        });
    }

    private static double virtualSeconds(Row row, int keys) {
        FakeClock clock = new FakeClock();
        ItemServer server = new ItemServer(VIRTUAL_ITEMS);
        ItemTransport transport =
                new ItemTransport(server, clock, ItemTransport.serial(clock, BatchKeysRowsTest::serviceNanos));
        try (ItemClient client = ItemClient.virtual(VIRTUAL_ITEMS, clock, transport, POLICY, new ShapeCodec())) {
            load(client, keys, 0, VIRTUAL_ITEMS, () -> clock.advance(PAUSE));
            double seconds = clock.nanos() / 1e9;
            row.exactly(keys + " keys: mixed batches", 0, server.mixed());
            row.measured("items a batch", (double) VIRTUAL_ITEMS / server.requests());
            client.balance(row, server::requests);
            return seconds;
        }
    }

    @ParameterizedTest
    @EnumSource
    void keys_areNeverMixedOnTheWire(Target.Protocol protocol) throws Exception {
        Scorecard.row("D15", "4 shapes and 2 variants, mixed, " + protocol, row -> {
            row.inject("sandbox");
            double one = seconds(row, protocol, 1);
            double eight = seconds(row, protocol, KEYS);
            row.within("throughput lost beside a single key %", 10, 100 * (1 - one / eight));
        });
    }

    private static double seconds(Row row, Target.Protocol protocol, int keys) {
        ItemServer server = new ItemServer(OUT + ITEMS).serial(BatchKeysRowsTest::serviceNanos);
        try (ItemTarget target = ItemTarget.start(protocol, server);
                ItemClient client = ItemClient.real(OUT + ITEMS, target.transport(), POLICY, new ShapeCodec())) {
            Runnable pause = () -> LockSupport.parkNanos(PAUSE.toNanos());
            load(client, keys, 0, OUT, pause); // warm
            long start = System.nanoTime();
            load(client, keys, OUT, OUT + ITEMS, pause);
            double seconds = (System.nanoTime() - start) / 1e9;
            row.exactly(keys + " keys: mixed batches", 0, server.mixed());
            client.balance(row, target::requests);
            return seconds;
        }
    }
}
