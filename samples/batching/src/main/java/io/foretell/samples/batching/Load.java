package io.foretell.samples.batching;

import io.foretell.Predictor;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A way to call a predictor for a while. */
@FunctionalInterface
interface Load {
    Reading READING = new Reading(60, 8);

    /** Returns when the last call has ended; throws if one has failed. */
    void run(Predictor<Reading, Wear> predictor) throws InterruptedException;

    /** Request threads with much to do: each makes its next call when its last has ended. */
    static Load ofThreads(int threads, Duration time) {
        return predictor -> {
            long end = System.nanoTime() + time.toNanos();
            Runnable requestThread = () -> {
                while (System.nanoTime() - end < 0) {
                    predictor.predict(READING);
                }
            };
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try {
                await(Stream.generate(() -> CompletableFuture.runAsync(requestThread, pool))
                        .limit(threads));
            } finally {
                pool.shutdown();
            }
        };
    }

    /** Calls at a steady rate, whether the ones before have ended or not. */
    static Load ofRate(int perSecond, Duration time) {
        return predictor -> {
            int calls = (int) (perSecond * time.toMillis() / 1_000);
            Stream.Builder<CompletableFuture<?>> started = Stream.builder();
            long begin = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                long due = begin + TimeUnit.SECONDS.toNanos(i) / perSecond;
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                started.add(predictor.predictAsync(READING));
            }
            await(started.build());
        };
    }

    private static void await(Stream<? extends CompletableFuture<?>> all) {
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).join();
    }
}
