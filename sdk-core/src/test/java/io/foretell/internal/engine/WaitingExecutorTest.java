package io.foretell.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaitingExecutorTest {
    private final List<Runnable> later = new ArrayList<>();

    @Test
    void await_runsTasksHereInTheirOrder() throws InterruptedException {
        WaitingExecutor executor = new WaitingExecutor(later::add);
        CompletableFuture<Void> done = new CompletableFuture<>();
        List<Object> ran = new ArrayList<>();
        executor.execute(() -> ran.add(1));
        executor.execute(() -> {
            ran.add(Thread.currentThread());
            executor.execute(() -> done.complete(null));
        });
        executor.await(done);
        assertThat(ran).containsExactly(1, Thread.currentThread());
        assertThat(later).isEmpty();
    }

    @Test
    void execute_afterTheWaiterLeft_goesToTheOtherExecutor() throws InterruptedException {
        WaitingExecutor executor = new WaitingExecutor(later::add);
        executor.await(CompletableFuture.completedFuture(null));
        Runnable task = () -> {};
        executor.execute(task);
        assertThat(later).containsExactly(task);
    }

    @Test
    void await_leaving_handsOverWhatIsLeft() throws InterruptedException {
        WaitingExecutor executor = new WaitingExecutor(later::add);
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable left = () -> {};
        executor.execute(() -> done.complete(null));
        executor.execute(left);
        executor.await(done);
        assertThat(later).containsExactly(left);
    }

    @Test
    void await_interrupted_leaves() {
        WaitingExecutor executor = new WaitingExecutor(later::add);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> executor.await(new CompletableFuture<>())).isInstanceOf(InterruptedException.class);
        Runnable task = () -> {};
        executor.execute(task);
        assertThat(later).containsExactly(task);
    }

    @Test
    void execute_racingWithTheWaiterLeaving_runsEachTaskOnce() throws Exception {
        int rounds = 5_000;
        AtomicIntegerArray runs = new AtomicIntegerArray(2 * rounds);
        AtomicInteger unseen = new AtomicInteger();
        WaitingExecutor[] current = new WaitingExecutor[1];
        CompletableFuture<?>[] done = new CompletableFuture<?>[1];
        CyclicBarrier barrier = new CyclicBarrier(2);
        Thread producer = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                int round = i;
                await(barrier);
                current[0].execute(() -> runs.incrementAndGet(2 * round));
                done[0].complete(null);
                current[0].execute(() -> runs.incrementAndGet(2 * round + 1));
                await(barrier);
            }
        });
        producer.start();
        for (int i = 0; i < rounds; i++) {
            done[0] = new CompletableFuture<>();
            current[0] = new WaitingExecutor(Runnable::run);
            await(barrier);
            current[0].await(done[0]);
            await(barrier);
            if (runs.get(2 * i) != 1 || runs.get(2 * i + 1) != 1) {
                unseen.incrementAndGet();
            }
        }
        producer.join();
        assertThat(unseen).hasValue(0);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }
}
