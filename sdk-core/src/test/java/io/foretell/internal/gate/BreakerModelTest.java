package io.foretell.internal.gate;

import io.foretell.policy.BreakerPolicy;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lincheck runs three threads at once many times, from a breaker whose open phase is just over. Not its model checker:
 * that changes the hash codes of enums, by which resilience4j looks up what follows a state.
 */
@Tag("scorecard")
class BreakerModelTest {
    @Test
    void probes_anySchedule_neverExceedTheirNumberAndAllReturn() {
        new StressOptions()
                .logLevel(LoggingLevel.ERROR)
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(4)
                .verifier(EpsilonVerifier.class)
                .check(BreakerModel.class);
    }

    /** Time stands still once the model is set up: no thread sleeps through a whole open phase. */
    public static class BreakerModel {
        private static final int PROBES = 2;

        private long now;
        private final CircuitBreaker machine = CircuitBreaker.of(
                "model",
                CircuitBreakerConfig.custom()
                        .clock(new TickerClock(() -> now))
                        .slidingWindowSize(2)
                        .minimumNumberOfCalls(2)
                        .permittedNumberOfCallsInHalfOpenState(PROBES)
                        .build());
        private final Breaker breaker =
                new Breaker(BreakerPolicy.of(machine), "model", () -> 0, (task, delay) -> () -> {});
        private final Queue<Long> tickets = new ConcurrentLinkedQueue<>();
        private final Map<Long, AtomicInteger> probes = new ConcurrentHashMap<>();

        private final AtomicInteger mostProbes = new AtomicInteger();

        public BreakerModel() {
            tickets.add(breaker.tryAcquire());
            tickets.add(breaker.tryAcquire());
            breaker.failure(breaker.tryAcquire(), 1, new Exception());
            breaker.failure(breaker.tryAcquire(), 1, new Exception());
            require(breaker.state().equals("OPEN"), "two failures of two open");
            now = Duration.ofDays(1).toNanos();
        }

        @Operation
        public void acquire() {
            long ticket = breaker.tryAcquire();
            if (ticket != Breaker.REFUSED) {
                if (breaker.isProbe(ticket)) {
                    int out = probes.computeIfAbsent(ticket, stage -> new AtomicInteger())
                            .incrementAndGet();
                    mostProbes.accumulateAndGet(out, Math::max);
                }
                tickets.add(ticket);
            }
        }

        @Operation
        public void succeed() {
            Long ticket = next();
            if (ticket != null) {
                breaker.success(ticket, 1);
            }
        }

        @Operation
        public void fail() {
            Long ticket = next();
            if (ticket != null) {
                breaker.failure(ticket, 1, new Exception());
            }
        }

        @Operation
        public void release() {
            Long ticket = next();
            if (ticket != null) {
                breaker.release(ticket);
            }
        }

        private Long next() {
            Long ticket = tickets.poll();
            if (ticket != null && breaker.isProbe(ticket)) {
                probes.get(ticket).decrementAndGet();
            }
            return ticket;
        }

        @Validate
        public void everyProbeIsBack() {
            require(mostProbes.get() <= PROBES, "no more probes are out than may be");
            while (!tickets.isEmpty()) {
                release();
            }
            if (machine.getState() == State.HALF_OPEN) {
                int left = PROBES - machine.getMetrics().getNumberOfBufferedCalls();
                for (int i = 0; i < left; i++) {
                    require(breaker.isProbe(breaker.tryAcquire()), "what was released can be had again");
                }
                require(breaker.tryAcquire() == Breaker.REFUSED, "no permission was added");
            }
        }

        private static void require(boolean condition, String what) {
            if (!condition) {
                throw new AssertionError("not true: " + what);
            }
        }
    }
}
