package io.foretell.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LifecycleTest {
    private static final int THREADS = 4;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void flush_callsBeforeAndAfter_waitsForThoseBefore() {
        Lifecycle lifecycle = new Lifecycle();
        Lifecycle.Epoch first = Objects.requireNonNull(lifecycle.enter(2));
        CompletableFuture<Void> flushed = lifecycle.flush();
        Lifecycle.Epoch second = Objects.requireNonNull(lifecycle.enter(1));
        CompletableFuture<Void> flushedAgain = lifecycle.flush();
        second.exit();
        first.exit();
        assertThat(flushed).isNotDone();
        assertThat(flushedAgain).isNotDone();
        first.exit();
        assertThat(flushed).isCompleted();
        assertThat(flushedAgain).isCompleted();
    }

    @Test
    void flush_manyAtOnce_eachWaitsForItsOwnCall() {
        Lifecycle lifecycle = new Lifecycle();
        AtomicInteger tooEarly = new AtomicInteger();
        together(() -> {
            for (int i = 0; i < 50_000; i++) {
                Lifecycle.Epoch epoch = Objects.requireNonNull(lifecycle.enter(1));
                lifecycle.flush();
                if (lifecycle.flush().isDone()) {
                    tooEarly.incrementAndGet();
                }
                epoch.exit();
            }
        });
        assertThat(tooEarly).hasValue(0);
        assertThat(lifecycle.flush()).isCompleted();
    }

    @Test
    void close_flushesAndCallsAtOnce_drainsOnlyWhenNoneIsLeft() {
        for (int i = 0; i < 5_000; i++) {
            Lifecycle lifecycle = new Lifecycle();
            AtomicInteger inFlight = new AtomicInteger();
            AtomicInteger turn = new AtomicInteger();
            AtomicInteger left = new AtomicInteger();
            together(() -> {
                switch (turn.getAndIncrement()) {
                    case 0 -> {
                        lifecycle.close();
                        lifecycle.drained().join();
                        left.set(inFlight.get());
                    }
                    case 1 -> lifecycle.flush();
                    default -> callOnce(lifecycle, inFlight);
                }
            });
            assertThat(left).hasValue(0);
            assertThat(lifecycle.enter(1)).isNull();
        }
    }

    private static void callOnce(Lifecycle lifecycle, AtomicInteger inFlight) {
        Lifecycle.Epoch epoch = lifecycle.enter(1);
        if (epoch != null) {
            inFlight.incrementAndGet();
            Thread.onSpinWait();
            inFlight.decrementAndGet();
            epoch.exit();
        }
    }

    private void together(Runnable task) {
        CompletableFuture.allOf(Stream.generate(() -> CompletableFuture.runAsync(task, threads))
                        .limit(THREADS)
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }
}
