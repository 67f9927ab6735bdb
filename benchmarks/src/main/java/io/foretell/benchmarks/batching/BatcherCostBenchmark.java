package io.foretell.benchmarks.batching;

import io.foretell.internal.batch.Batch;
import io.foretell.internal.batch.Batcher;
import io.foretell.internal.engine.Timers;
import io.foretell.policy.BatchPolicy;
import io.foretell.time.Scheduler;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * What it costs to submit one item with its future, group at most 32, and complete each with an answer of its own, where
 * the model answers at once. A producer goes on while its last items are under way. Run it with {@code -t 1} and
 * {@code -t 64}, and {@code -prof gc} for bytes, of which the future itself takes 24.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class BatcherCostBenchmark {
    static final int MAX_ITEMS = 32;

    private static final Duration LINGER = Duration.ofMillis(2);

    /** Without a linger there is none to set. */
    private static final Scheduler NO_TIMERS = (task, delayNanos) -> {
        throw new RejectedExecutionException();
    };

    /** As it comes: batches leave by slots. */
    @Benchmark
    @OperationsPerInvocation(MAX_ITEMS)
    public void foretell(Slots way, Producer producer) throws Exception {
        producer.submit(way, way);
        way.answer();
    }

    /** Batches wait until they are full, and who fills one answers it. */
    @Benchmark
    @OperationsPerInvocation(MAX_ITEMS)
    public void foretellLinger(Lingering way, Producer producer) throws Exception {
        producer.submit(way, Thread::yield);
    }

    /** Written by hand; its own thread answers. */
    @Benchmark
    @OperationsPerInvocation(MAX_ITEMS)
    public void queue(Queue way, Producer producer) throws Exception {
        producer.submit(way, Thread::yield);
    }

    /** Who fills a batch answers it. */
    @Benchmark
    @OperationsPerInvocation(MAX_ITEMS)
    public void gax(Gax way, Producer producer) throws Exception {
        producer.submit(way, Thread::yield);
    }

    /** Takes an input; the future gives it back. */
    interface Way {
        Future<Object> submit(Object input);
    }

    /** Looks at one answer in so many, so that little else is measured than the batching. */
    @State(Scope.Thread)
    public static class Producer {
        private final Object[] inputs = new Object[MAX_ITEMS];
        private @Nullable Future<?>[] window = {};
        private int next;

        @Setup
        public void open(ThreadParams threads) {
            window = new Future<?>[Math.max(8, 128 / threads.getThreadCount())];
            Arrays.setAll(inputs, i -> "input " + i);
        }

        /** As many as fill a batch; waits where too many are under way. */
        void submit(Way way, Runnable idle) throws Exception {
            Future<?> answer = null;
            for (Object input : inputs) {
                answer = way.submit(input);
            }
            next = (next + 1) % window.length;
            Future<?> before = window[next];
            window[next] = answer;
            if (before != null) {
                while (!before.isDone()) {
                    idle.run();
                }
                if (before.get() != inputs[MAX_ITEMS - 1]) {
                    throw new IllegalStateException("an input was answered by another's result");
                }
            }
        }
    }

    /**
     * One batch at a time is with the model. Producers are the threads that its answers come on, one after every so many
     * items: so a batch has gathered, and no hop between threads is measured that the batcher has no part in.
     */
    @State(Scope.Benchmark)
    public static class Slots implements Way, Runnable {
        private final AtomicReference<@Nullable Batch<Call>> sent = new AtomicReference<>();
        private final Batcher<Call> batcher = Call.batcher(BatchPolicy.builder(), sent::set, NO_TIMERS);

        @Override
        public Future<Object> submit(Object input) {
            return Call.submit(batcher, input);
        }

        boolean answer() {
            Batch<Call> batch = sent.getAndSet(null);
            if (batch != null) {
                Call.answer(batch);
            }
            return batch != null;
        }

        @Override
        public void run() {
            if (!answer()) {
                Thread.yield();
            }
        }
    }

    /** No slot is ever busy, and no linger ever over. */
    @State(Scope.Benchmark)
    public static class Lingering implements Way {
        private final Timers timers = new Timers("timer");
        private final Batcher<Call> batcher = Call.batcher(
                BatchPolicy.builder().linger(Duration.ofHours(1)).maxInFlight(1_000), Call::answer, timers);

        @Override
        public Future<Object> submit(Object input) {
            return Call.submit(batcher, input);
        }

        @TearDown
        public void close() {
            timers.close();
        }
    }

    /** The way of a {@link QueueBatcher}. */
    @State(Scope.Benchmark)
    public static class Queue implements Way {
        private final QueueBatcher<Object> batcher =
                new QueueBatcher<>(MAX_ITEMS, LINGER, CompletableFuture::completedFuture);

        @Override
        public Future<Object> submit(Object input) {
            return batcher.submit(input);
        }

        @TearDown
        public void close() {
            batcher.close();
        }
    }

    /** The way of a {@link GaxBatcher}. */
    @State(Scope.Benchmark)
    public static class Gax implements Way {
        private final GaxBatcher<Object> batcher =
                new GaxBatcher<>(MAX_ITEMS, LINGER, CompletableFuture::completedFuture);

        @Override
        public Future<Object> submit(Object input) {
            return batcher.submit(input);
        }

        @TearDown
        public void close() {
            batcher.close();
        }
    }
}
