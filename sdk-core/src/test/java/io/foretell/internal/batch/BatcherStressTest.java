package io.foretell.internal.batch;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Timers;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads add, cancel, flush and answer at random, by a seed, and one closes; each item leaves once or says why not. */
@Timeout(value = 2, unit = MINUTES)
class BatcherStressTest {
    private static final int THREADS = 8;
    private static final int ITEMS = 20_000;

    private final Queue<Batch<Thing>> out = new ConcurrentLinkedQueue<>();
    private final AtomicInteger most = new AtomicInteger();

    static Stream<BatchPolicy> policies() {
        BatchPolicy policy = BatchPolicy.builder()
                .maxItems(8)
                .maxInFlight(2)
                .maxQueuedItems(64)
                .build();
        Duration linger = Duration.ofNanos(100_000);
        return Stream.of(
                policy,
                policy.toBuilder().whenFull(WhenFull.WAIT).build(),
                policy.toBuilder().whenFull(WhenFull.WAIT).linger(linger).build(),
                policy.toBuilder().whenFull(WhenFull.SHED_OLDEST).build(),
                policy.toBuilder().linger(linger).build(),
                policy.toBuilder().latencyObjective(Duration.ofMillis(5)).build());
    }

    @ParameterizedTest
    @MethodSource("policies")
    void b20_anyMixOfStepsOnAnyThread_eachItemLeavesOnceOrIsOver(BatchPolicy policy) throws Exception {
        List<Thing> things = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Timers timers = new Timers("stress")) {
            Batcher<Thing> batcher =
                    new Batcher<>(policy, "stress", Ticker.system(), timers, Runnable::run, this::leaves);
            List<Future<List<Thing>>> done = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int seed = i;
                done.add(threads.submit(() -> run(batcher, new Random(seed))));
            }
            for (Future<List<Thing>> each : done) {
                things.addAll(each.get());
            }
            batcher.close();
            while (batcher.queued() > 0 || batcher.inFlight() > 0) {
                answer();
            }
            assertThat(batcher.counts().items())
                    .isEqualTo(things.stream()
                            .mapToInt(thing -> thing.leaves.get())
                            .sum());
        } finally {
            threads.shutdown();
        }
        assertThat(things).allMatch(Thing::endedOnce);
        assertThat(most.get()).isLessThanOrEqualTo(8);
    }

    private List<Thing> run(Batcher<Thing> batcher, Random random) {
        List<Thing> added = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            Thing thing = new Thing();
            added.add(thing);
            try {
                batcher.add(thing, random.nextInt(3), random.nextInt(1_000), false);
            } catch (InferenceException full) {
                thing.refused = true;
            }
            switch (random.nextInt(16)) {
                case 0 -> added.get(random.nextInt(added.size())).over = true;
                case 1 -> batcher.flush();
                default -> answer();
            }
        }
        return added;
    }

    private void leaves(Batch<Thing> batch) {
        batch.items().forEach(item -> item.leaves.incrementAndGet());
        most.accumulateAndGet(batch.items().size(), Math::max);
        out.add(batch);
    }

    private void answer() {
        Batch<Thing> batch = out.poll();
        if (batch != null) {
            batch.over(batch.number() % 10 == 0 ? Batch.End.OVERLOADED : Batch.End.ANSWERED);
        }
    }

    @Test
    void keys_comeAndGo_noItemIsLostWithItsQueue() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Batcher<Thing> batcher = new Batcher<>(
                BatchPolicy.ofSize(4), "keys", Ticker.system(), (task, delay) -> () -> {}, Runnable::run, batch -> {
                    batch.items().forEach(item -> item.leaves.incrementAndGet());
                    batch.over(Batch.End.ANSWERED);
                });
        List<Future<List<Thing>>> done = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int thread = i;
            done.add(threads.submit(() -> {
                List<Thing> added = new ArrayList<>();
                for (int key = 0; key < 3_000; key++) { // far more than are kept, so that queues end all the time
                    Thing thing = new Thing();
                    added.add(thing);
                    batcher.add(thing, key, 1, true);
                    if (thread % 2 == 0) {
                        batcher.gather();
                    } else {
                        batcher.flush();
                    }
                }
                return added;
            }));
        }
        for (Future<List<Thing>> each : done) {
            assertThat(each.get()).allMatch(thing -> thing.leaves.get() <= 1);
        }
        batcher.gather();
        for (Future<List<Thing>> each : done) {
            assertThat(each.get()).allMatch(thing -> thing.leaves.get() == 1);
        }
        assertThat(batcher.queued()).isZero();
        threads.shutdown();
    }

    @Test
    void close_atARandomMoment_everyAcceptedItemHasLeft() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        for (int run = 0; run < 1_000; run++) {
            Queue<Thing> sent = new ConcurrentLinkedQueue<>();
            BatchPolicy policy = BatchPolicy.builder()
                    .linger(Duration.ofHours(1))
                    .maxInFlight(1_000)
                    .build();
            Batcher<Thing> batcher =
                    new Batcher<>(policy, "close", Ticker.system(), (task, delay) -> () -> {}, Runnable::run, batch -> {
                        sent.addAll(batch.items());
                        batch.over(Batch.End.ANSWERED);
                    });
            CountDownLatch begun = new CountDownLatch(1);
            Future<Integer> adding = threads.submit(() -> {
                begun.countDown();
                for (int i = 0; i < 20; i++) {
                    batcher.add(new Thing(), "key", 1, false);
                }
                return 20;
            });
            begun.await();
            batcher.close();
            assertThat(adding.get()).isEqualTo(20);
            assertThat(sent).as("run " + run).hasSize(20).doesNotHaveDuplicates();
        }
        threads.shutdown();
    }

    private static final class Thing extends Item {
        final AtomicInteger leaves = new AtomicInteger();
        final AtomicInteger rejections = new AtomicInteger();
        volatile boolean over;
        boolean refused;

        boolean endedOnce() {
            int ends = leaves.get() + rejections.get() + (refused ? 1 : 0);
            return ends == 1 || ends == 0 && over;
        }

        @Override
        protected long startNanos() {
            return Ticker.system().nanos();
        }

        @Override
        protected long deadlineNanos() {
            return startNanos() + 3_600_000_000_000L;
        }

        @Override
        protected boolean isOver() {
            return over;
        }

        @Override
        protected void reject(InferenceException why) {
            rejections.incrementAndGet();
            over = true;
        }
    }
}
