package io.foretell.internal.gate;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.RejectedException;
import io.foretell.internal.gate.Gate.Outcome;
import io.foretell.internal.gate.Gate.Place;
import io.foretell.policy.LimitPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads enter, wait, cancel and leave at random, by a seed; in the end everything must be back. */
@Timeout(value = 2, unit = MINUTES)
class GateStressTest {
    private static final int THREADS = 4;
    private static final int STEPS = 60_000;
    private static final int MAX_BYTES = 12;

    private final FakeClock clock = new FakeClock();
    private final Deadline far = Deadline.after(Duration.ofDays(3_000), clock);
    private final Queue<Integer> inside = new ConcurrentLinkedQueue<>();
    private final Deque<Place> places = new ConcurrentLinkedDeque<>();
    private final AtomicInteger entered = new AtomicInteger();
    private final AtomicInteger mostEntered = new AtomicInteger();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong cancelled = new AtomicLong();
    private final AtomicLong admitted = new AtomicLong();

    static Stream<LimitPolicy> policies() {
        LimitPolicy.Builder fixed = LimitPolicy.builder().maxInFlight(8).maxQueued(20);
        return Stream.of(
                fixed.build(),
                fixed.maxInFlightBytes(10).build(),
                fixed.ratePerSecond(5_000).build(),
                fixed.adaptive(1, 8).build());
    }

    @ParameterizedTest
    @MethodSource("policies")
    void anyMixOfSteps_atRest_everythingIsBack(LimitPolicy policy) throws Exception {
        Gate gate = new Gate(policy, "test", clock, clock);

        inParallel(thread -> () -> {
            Random random = new Random(thread);
            for (int i = 0; i < STEPS; i++) {
                step(gate, random);
            }
        });
        while (gate.queued() > 0 || !inside.isEmpty()) {
            clock.advance(Duration.ofMillis(20));
            leave(gate, new Random(0));
        }

        assertThat(gate.inFlight()).isZero();
        assertThat(clock.pendingTimers()).isZero();
        assertThat(mostEntered).hasValueLessThanOrEqualTo(8);
        assertThat(admitted.get() + cancelled.get() + refused.get()).isEqualTo(asked.get());
        assertThat(List.of(admitted.get(), cancelled.get(), refused.get())).allMatch(count -> count > 0);
        for (int i = 0; i < gate.limit(); i++) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(gate.tryEnter(1)).isTrue();
        }
    }

    private void step(Gate gate, Random random) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> ask(gate, 1 + random.nextInt(MAX_BYTES));
            case 3 -> cancel();
            case 4 -> clock.advance(Duration.ofNanos(random.nextInt(1_000_000)));
            default -> leave(gate, random);
        }
    }

    private void ask(Gate gate, int bytes) {
        asked.incrementAndGet();
        if (gate.tryEnter(bytes)) {
            admit(bytes);
            return;
        }
        try {
            places.add(gate.enqueue(bytes, far, () -> admit(bytes)));
        } catch (RejectedException full) {
            refused.incrementAndGet();
        }
    }

    private void admit(int bytes) {
        admitted.incrementAndGet();
        mostEntered.accumulateAndGet(entered.incrementAndGet(), Math::max);
        inside.add(bytes);
    }

    private void cancel() {
        Place place = places.pollLast();
        if (place != null && place.cancel()) {
            cancelled.incrementAndGet();
        }
    }

    private void leave(Gate gate, Random random) {
        Integer bytes = inside.poll();
        if (bytes != null) {
            entered.decrementAndGet();
            gate.leave(bytes, Outcome.values()[random.nextInt(3)], 1);
        }
    }

    @Test
    void manyEnqueue_oneLeaves_eachThreadsOwnComeInOrder() throws Exception {
        Gate gate = new Gate(
                LimitPolicy.builder()
                        .maxInFlight(1)
                        .maxQueued(Integer.MAX_VALUE)
                        .build(),
                "test",
                clock,
                clock);
        List<int[]> order = new ArrayList<>();
        assertThat(gate.tryEnter(1)).isTrue();

        inParallel(thread -> () -> {
            for (int i = 0; i < STEPS; i++) {
                int number = i;
                gate.enqueue(1, far, () -> {
                    order.add(new int[] {thread, number});
                    gate.leave(1, Outcome.SUCCESS, 1);
                });
            }
        });
        gate.leave(1, Outcome.SUCCESS, 1);

        assertThat(order).hasSize(THREADS * STEPS);
        int[] next = new int[THREADS];
        assertThat(order).allMatch(entry -> next[entry[0]]++ == entry[1]);
    }

    private interface Work {
        Runnable of(int thread);
    }

    private static void inParallel(Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(work.of(i)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
