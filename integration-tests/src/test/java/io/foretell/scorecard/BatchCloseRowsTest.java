package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batchers that are closed while items are added and timers go off. */
@Tag("scorecard")
@Timeout(300)
class BatchCloseRowsTest {
    private static final int RUNS = Scorecard.quick(100, 1_000);
    private static final int ADDERS = 2;
    private static final int ITEMS_PER_ADDER = 50;
    private static final int ITEMS = ADDERS * ITEMS_PER_ADDER;
    private static final long LONGEST_NANOS = 2_000_000;

    private final long seed = new SplittableRandom().nextLong();
    private final ExecutorService adders = Executors.newFixedThreadPool(ADDERS, GaxBatcher::daemon);
    private final ExecutorService callbacks = Executors.newFixedThreadPool(2, GaxBatcher::daemon);
    private final PendingTimers timers = new PendingTimers();

    private long accepted;
    private long refused;
    private long open;
    private long notOnce;
    private long refusedAndSent;

    @AfterEach
    void stop() {
        adders.shutdownNow();
        callbacks.shutdownNow();
        timers.close();
    }

    @Test
    void close_atAnyMoment_sendsEachItemOnce() throws Exception {
        Scorecard.row("D7", "close at random moments, " + RUNS + " times", row -> {
            row.inject("threads").seed(seed);
            SplittableRandom random = new SplittableRandom(seed);
            for (int run = 0; run < RUNS; run++) {
                closeOnce(random);
            }
            row.measured("accepted", accepted).measured("refused", refused);
            row.exactly("not ended when close returns", 0, open);
            row.exactly("accepted, not sent once", 0, notOnce);
            row.exactly("refused and sent", 0, refusedAndSent);
            row.exactly("timers left", 0, Eventually.counts(0, timers::pending, Scorecard.GUARD));
            row.anchor("gax", GaxBatcherTraps.closedAtRandom(RUNS, seed));
        });
    }

    private void closeOnce(SplittableRandom random) throws Exception {
        ItemServer server = new ItemServer(ITEMS);
        long latency = random.nextLong(1, LONGEST_NANOS / 4);
        Predictor<Item, Integer> predictor = Predictor.builder(new ItemCodec())
                .transport(new ItemTransport(server, timers, items -> latency))
                .time(Ticker.system(), timers)
                .callbackExecutor(callbacks)
                .retry(RetryPolicy.none())
                .batching(policy(random))
                .build();
        List<Future<List<CompletableFuture<Integer>>>> added = new ArrayList<>();
        for (int adder = 0; adder < ADDERS; adder++) {
            int from = adder * ITEMS_PER_ADDER;
            SplittableRandom pauses = random.split();
            added.add(adders.submit(() -> add(predictor, from, pauses)));
        }
        LockSupport.parkNanos(random.nextLong(1, LONGEST_NANOS));
        predictor.close();
        for (int adder = 0; adder < ADDERS; adder++) {
            judge(server, adder * ITEMS_PER_ADDER, added.get(adder).get());
        }
    }

    private static BatchPolicy policy(SplittableRandom random) {
        return BatchPolicy.builder()
                .maxItems(random.nextInt(1, 8))
                .maxInFlight(random.nextInt(1, 3))
                .linger(Duration.ofNanos(random.nextBoolean() ? 0 : random.nextLong(LONGEST_NANOS / 2)))
                .build();
    }

    private static List<CompletableFuture<Integer>> add(
            Predictor<Item, Integer> predictor, int from, SplittableRandom random) {
        List<CompletableFuture<Integer>> items = new ArrayList<>();
        for (int item = 0; item < ITEMS_PER_ADDER; item++) {
            items.add(predictor.predictAsync(Item.of(from + item)));
            if (random.nextInt(4) == 0) {
                LockSupport.parkNanos(random.nextLong(1, LONGEST_NANOS / ITEMS_PER_ADDER));
            }
        }
        return items;
    }

    private void judge(ItemServer server, int from, List<CompletableFuture<Integer>> items) {
        for (int item = 0; item < items.size(); item++) {
            CompletableFuture<Integer> answer = items.get(item);
            int seen = server.seen(from + item);
            if (!answer.isDone()) {
                open++;
            } else if (answer.handle((value, error) -> Outcome.of(error)).join() == Outcome.REJECTED) {
                refused++;
                refusedAndSent += seen == 0 ? 0 : 1;
            } else {
                accepted++;
                notOnce += seen == 1 ? 0 : 1;
            }
        }
    }
}
