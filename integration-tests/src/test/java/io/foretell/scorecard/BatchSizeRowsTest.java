package io.foretell.scorecard;

import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The size of batches under an objective for their latency, beside a server whose cost nobody tells. */
@Tag("scorecard")
@Timeout(120)
class BatchSizeRowsTest {
    private static final Duration OBJECTIVE = Duration.ofMillis(50);
    private static final BatchPolicy ADAPTIVE =
            BatchPolicy.builder().maxItems(256).latencyObjective(OBJECTIVE).build();

    /** More than any batch takes, so that none leaves for want of items. */
    private static final int OUT = 2_048;

    private static final int ITEMS = 200_000;
    private static final int LEARNING = 200;
    private static final int STEADY = 500;
    private static final int RECOVERING = 50;

    private final FakeClock clock = new FakeClock();
    private final ItemServer server = new ItemServer(ITEMS);
    private int added;

    /** 5 ms, and so many microseconds an item. */
    private static IntToLongFunction cost(int microsPerItem) {
        return items -> TimeUnit.MICROSECONDS.toNanos(5_000 + (long) microsPerItem * items);
    }

    /** How many items take the server as long as the objective allows. */
    private static double optimum(int microsPerItem) {
        return (OBJECTIVE.toNanos() / 1e3 - 5_000) / microsPerItem;
    }

    @Test
    void batches_growAndShrinkToTheObjective() throws Exception {
        Scorecard.row("D13", "5 ms + 0.5 ms an item, objective 50 ms; then 1 ms an item", row -> {
            row.inject("virtual time");
            ItemTransport transport = new ItemTransport(server, clock, cost(500));
            try (ItemClient client = ItemClient.virtual(ITEMS, clock, transport, ADAPTIVE)) {
                load(client, STEADY);
                steady(row, "0.5 ms an item", 0, 500);
                transport.latency(cost(1_000));
                int step = server.sizes().size();
                load(client, step + STEADY);
                row.atMost("batches until p95 is back", RECOVERING, batchesUntilBack(step));
                steady(row, "1 ms an item", step, 1_000);
                clock.advance(Duration.ofMinutes(1));
                client.balance(row, server::requests);
            }
        });
    }

    /** Has many items out until so many batches were sent. */
    private void load(ItemClient client, int batches) {
        while (server.requests() < batches) {
            while (added - client.ended() < OUT) {
                client.predict(Item.of(added++));
            }
            clock.advance(Duration.ofMillis(1));
        }
    }

    /** What holds of the batches from one number on, once it has learnt. */
    private void steady(Row row, String what, int from, int microsPerItem) {
        List<Integer> sizes = server.sizes().subList(from + LEARNING, from + STEADY);
        double mean = sizes.stream().mapToInt(size -> size).average().orElse(0);
        double optimum = optimum(microsPerItem);
        row.measured(what + ": optimum", optimum).measured("mean size after 200 batches", mean);
        row.atMost("off by %", 15, 100 * Math.abs(mean / optimum - 1));
        row.atMost(
                "p95 of a batch, ms",
                OBJECTIVE.toMillis(),
                p95(sizes, microsPerItem).toNanos() / 1e6);
    }

    private static Duration p95(List<Integer> sizes, int microsPerItem) {
        int size = sizes.stream()
                .sorted()
                .skip(sizes.size() * 95L / 100)
                .findFirst()
                .orElse(0);
        return Duration.ofNanos(cost(microsPerItem).applyAsLong(size));
    }

    /** How many batches were larger than the objective allows before all but one in twenty fit. */
    private int batchesUntilBack(int step) {
        List<Integer> sizes = server.sizes();
        int batches = 0;
        while (p95(sizes.subList(step + batches, step + batches + 100), 1_000).compareTo(OBJECTIVE) > 0) {
            batches++;
        }
        return batches;
    }
}
