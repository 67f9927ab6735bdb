package io.foretell.samples.quickstart;

import io.foretell.Predictor;
import io.foretell.error.InferenceException;
import io.foretell.metrics.LatencyRecorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Calls a predictor, on one thread or on many. What follows the warm-up is left in the recorder. */
final class Load {
    private static final int WARM_UP_ROUNDS = 10;
    private static final int ROUNDS = 25;
    private static final Duration WARM_UP = Duration.ofMillis(1_500);
    private static final Duration MEASURED = Duration.ofSeconds(3);

    private Load() {}

    /** One call after the other. */
    static <I> void run(Predictor<I, ?> predictor, List<I> inputs, LatencyRecorder times) {
        rounds(WARM_UP_ROUNDS, predictor, inputs);
        times.reset();
        rounds(ROUNDS, predictor, inputs);
    }

    private static <I> void rounds(int rounds, Predictor<I, ?> predictor, List<I> inputs) {
        for (int round = 0; round < rounds; round++) {
            inputs.forEach(input -> call(predictor, input));
        }
    }

    /**
     * So many threads at a time, each of which makes its next call when its last has ended.
     *
     * @return how long what the recorder holds took
     */
    static <I> Duration run(int threads, Predictor<I, ?> predictor, List<I> inputs, LatencyRecorder times) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            callFor(WARM_UP, threads, pool, predictor, inputs);
            times.reset();
            return callFor(MEASURED, threads, pool, predictor, inputs);
        } finally {
            pool.shutdown();
        }
    }

    private static <I> Duration callFor(
            Duration time, int threads, ExecutorService pool, Predictor<I, ?> predictor, List<I> inputs) {
        long begin = System.nanoTime();
        CompletableFuture<?>[] callers = IntStream.range(0, threads)
                .mapToObj(thread -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = thread; System.nanoTime() - begin < time.toNanos(); i++) {
                                call(predictor, inputs.get(i % inputs.size()));
                            }
                        },
                        pool))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(callers).join();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static <I> void call(Predictor<I, ?> predictor, I input) {
        try {
            predictor.predict(input);
        } catch (InferenceException e) {
            System.err.println(e.getMessage()); // and counted by the recorder
        }
    }
}
