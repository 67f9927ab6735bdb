package io.foretell.internal.gate;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads acquire, succeed, fail and give up at random, by a seed, through many rounds of half open. */
@Timeout(value = 2, unit = MINUTES)
class BreakerStressTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 300;
    private static final int STEPS = 200;
    private static final int PROBES = 5;
    private static final Exception FAILURE = new Exception("the endpoint failed");

    private final FakeClock clock = new FakeClock();
    private final Breaker breaker = new Breaker(BreakerPolicy.defaults(), "test", clock, clock);
    private final Queue<Long> tickets = new ConcurrentLinkedQueue<>();
    private final Map<Long, AtomicInteger> probesOut = new ConcurrentHashMap<>();
    private final AtomicInteger mostProbes = new AtomicInteger();

    @Test
    void anyMixOfSteps_manyRounds_neverMoreThanFiveProbesAndNoneLost() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                run(threads, round);
                clock.advance(Duration.ofSeconds(6));
            }
        } finally {
            threads.shutdownNow();
        }
        while (!tickets.isEmpty()) {
            breaker.release(next());
        }

        assertThat(mostProbes).hasValue(PROBES);
        assertThat(probesOut).hasSizeGreaterThan(10);
        assertThat(probesOf(freshHalfOpen())).hasSize(PROBES);
    }

    private void run(ExecutorService threads, int round) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random(round * THREADS + thread);
            running.add(threads.submit(() -> {
                for (int i = 0; i < STEPS; i++) {
                    step(random);
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
    }

    private void step(Random random) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> acquire();
            case 3 -> end(ticket -> breaker.success(ticket, 1));
            case 4, 5, 6 -> end(ticket -> breaker.failure(ticket, 1, FAILURE));
            default -> end(breaker::release);
        }
    }

    private void acquire() {
        long ticket = breaker.tryAcquire();
        if (ticket != Breaker.REFUSED) {
            if (breaker.isProbe(ticket)) {
                int out = probesOut
                        .computeIfAbsent(ticket, stage -> new AtomicInteger())
                        .incrementAndGet();
                mostProbes.accumulateAndGet(out, Math::max);
            }
            tickets.add(ticket);
        }
    }

    private interface End {
        void of(long ticket);
    }

    private void end(End end) {
        Long ticket = next();
        if (ticket != null) {
            end.of(ticket);
        }
    }

    private Long next() {
        Long ticket = tickets.poll();
        if (ticket != null && breaker.isProbe(ticket)) {
            probesOut.get(ticket).decrementAndGet();
        }
        return ticket;
    }

    private Breaker freshHalfOpen() {
        while (!breaker.state().equals("HALF_OPEN")) {
            long ticket = breaker.tryAcquire();
            if (ticket == Breaker.REFUSED) {
                clock.advance(Duration.ofSeconds(6));
            } else if (breaker.isProbe(ticket)) {
                breaker.release(ticket);
            } else {
                breaker.failure(ticket, 1, FAILURE);
            }
        }
        return breaker;
    }

    private static List<Long> probesOf(Breaker halfOpen) {
        List<Long> probes = new ArrayList<>();
        for (long next = halfOpen.tryAcquire(); next != Breaker.REFUSED; next = halfOpen.tryAcquire()) {
            probes.add(next);
        }
        return probes;
    }
}
