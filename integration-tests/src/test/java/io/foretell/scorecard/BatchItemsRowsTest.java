package io.foretell.scorecard;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import io.foretell.policy.BreakerPolicy;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Items of many threads that are cancelled, run out of time, are flushed and closed upon at random. */
@Tag("scorecard")
@Timeout(600)
class BatchItemsRowsTest {
    /** Three times so many in all. */
    private static final int ITEMS = Scorecard.quick(34_000, 334_000);

    private static final int THREADS = 16;
    private static final int OUT_PER_THREAD = 64;

    /** The close comes when so many items were added, in the midst of the others. */
    private static final int CLOSE_AT = ITEMS / 100 * 95;

    private static final int KEYS = 3;

    private final long seed = new SplittableRandom().nextLong();
    private final AtomicLong seeds = new AtomicLong(seed);
    private final ItemServer server = new ItemServer(ITEMS).model(this::answers);
    private final AtomicInteger added = new AtomicInteger();
    private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
    private final LongAdder closed = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final LongAdder unsent = new LongAdder();
    private final Queue<CompletableFuture<Void>> flushes = new ConcurrentLinkedQueue<>();
    private final LatencyRecorder recorder = new LatencyRecorder();

    /** A hundredth of the requests meets a busy server, and as many a model that fails. */
    private List<Word> answers(List<Word> words) {
        int choice = new SplittableRandom(seeds.getAndIncrement()).nextInt(100);
        if (choice < 2) {
            ErrorCategory category = choice == 0 ? ErrorCategory.OVERLOADED : ErrorCategory.MODEL_FAULT;
            throw InferenceException.of(category).build();
        }
        return words;
    }

    private BatchPolicy policy(WhenFull whenFull) {
        SplittableRandom random = new SplittableRandom(seed);
        return BatchPolicy.builder()
                .maxItems(32)
                .maxInFlight(random.nextInt(1, 5))
                .linger(Duration.ofNanos(random.nextInt(2) * random.nextLong(1_000_000)))
                .maxQueuedItems(THREADS * OUT_PER_THREAD / 3)
                .whenFull(whenFull)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void items_endOnceWithTheirOwnAnswer(WhenFull whenFull) throws Exception {
        String what =
                ITEMS + " items of 16 threads, cancelled, timed out, flushed and closed upon at random, " + whenFull;
        Scorecard.row("D1", what, row -> {
            row.inject("threads").seed(seed).measured("policy", policy(whenFull));
            for (Outcome outcome : Outcome.values()) {
                outcomes.put(outcome, new LongAdder());
            }
            try (PendingTimers timers = new PendingTimers()) {
                Predictor<Item, Integer> predictor = predictor(timers, policy(whenFull));
                run(predictor);
                judge(row, predictor);
                row.exactly("timers left", 0, Eventually.counts(0, timers::pending, Scorecard.GUARD));
            }
        });
    }

    private Predictor<Item, Integer> predictor(PendingTimers timers, BatchPolicy policy) {
        ItemTransport transport = new ItemTransport(
                server, timers, items -> new SplittableRandom(seeds.getAndIncrement()).nextLong(1_000_000));
        return Predictor.builder(new ItemCodec())
                .transport(transport)
                .time(Ticker.system(), timers)
                .batching(policy)
                .breaker(BreakerPolicy.none())
                .closeGrace(Scorecard.GUARD)
                .listener(recorder)
                .build();
    }

    private void run(Predictor<Item, Integer> predictor) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            running.add(callers.submit(() -> add(predictor)));
        }
        callers.shutdown();
        Eventually.holds(() -> added.get() >= CLOSE_AT, Duration.ofMinutes(5));
        predictor.close();
        for (Future<?> each : running) {
            each.get();
        }
    }

    /** Has some items out at a time, and gives up some of them. */
    private void add(Predictor<Item, Integer> predictor) {
        SplittableRandom random = new SplittableRandom(seeds.getAndIncrement());
        Queue<CompletableFuture<Integer>> out = new ArrayDeque<>();
        for (int number = added.getAndIncrement(); number < ITEMS; number = added.getAndIncrement()) {
            CompletableFuture<Integer> answer =
                    predictor.predictAsync(Item.of(number).withKey(random.nextInt(KEYS)), options(random));
            enter(number, answer);
            if (random.nextInt(20) == 0) {
                answer.cancel(true);
            }
            if (random.nextInt(1_000) == 0) {
                flushes.add(predictor.flush());
            }
            out.add(answer);
            if (out.size() > random.nextInt(OUT_PER_THREAD)) {
                end(out.remove(), random.nextInt(20) == 0);
            }
        }
        out.forEach(answer -> end(answer, false));
    }

    /** One in twenty has little time. */
    private static CallOptions options(SplittableRandom random) {
        return random.nextInt(20) == 0
                ? CallOptions.none().withTimeout(Duration.ofNanos(random.nextLong(1, 5_000_000)))
                : CallOptions.none();
    }

    private static void end(CompletableFuture<?> answer, boolean cancel) {
        if (cancel) {
            answer.cancel(true);
        }
        answer.handle((value, error) -> error).join();
    }

    private void enter(int number, CompletableFuture<Integer> answer) {
        answer.whenComplete((value, error) -> {
            Outcome outcome = Outcome.of(error);
            outcomes.get(outcome).increment();
            if (error instanceof InferenceException failure && failure.category() == ErrorCategory.CLOSED) {
                closed.increment();
            }
            if (outcome == Outcome.SUCCESS) {
                wrong.add(value == number ? 0 : 1);
                unsent.add(server.seen(number) > 0 ? 0 : 1);
            }
        });
    }

    private void judge(Row row, Predictor<Item, Integer> predictor) {
        long ended = outcomes.values().stream().mapToLong(LongAdder::sum).sum();
        row.judge("0 lost", ITEMS + " items, " + (ITEMS - ended) + " lost", ended == ITEMS);
        row.exactly("wrong answers", 0, wrong.sum()).exactly("answers to what was not sent", 0, unsent.sum());
        LatencySnapshot seen = recorder.snapshot();
        row.exactly("ends told", ITEMS - closed.sum(), seen.calls());
        outcomes.forEach((outcome, count) -> row.measured(outcome.name(), count.sum()));
        row.measured("of them after the close", closed.sum());
        row.measured("requests", server.requests()).exactly("mixed batches", 0, server.mixed());
        row.atMost("requests beyond attempts", 0, server.requests() - seen.attempts());
        row.exactly("open flushes", 0, Eventually.counts(0, this::openFlushes, Scorecard.GUARD));
        row.exactly("items queued", 0, predictor.batches().queued());
        row.exactly("batches in flight", 0, predictor.batches().inFlight());
    }

    private long openFlushes() {
        return flushes.stream().filter(flush -> !flush.isDone()).count();
    }
}
