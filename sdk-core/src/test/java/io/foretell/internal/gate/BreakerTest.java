package io.foretell.internal.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.FakeClock;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long FAST = Duration.ofMillis(10).toNanos();
    private static final Exception FAILURE = new Exception("the endpoint failed");

    private final FakeClock clock = new FakeClock();

    @Test
    void breaker_50FailuresOf100_opens() {
        Breaker breaker = breaker(BreakerPolicy.defaults());
        for (int i = 0; i < 50; i++) {
            breaker.success(breaker.tryAcquire(), FAST);
        }
        fail(breaker, 49);
        assertThat(breaker.state()).isEqualTo("CLOSED");

        fail(breaker, 1);

        assertThat(breaker.state()).isEqualTo("OPEN");
        assertThat(breaker.tryAcquire()).isEqualTo(Breaker.REFUSED);
    }

    @Test
    void breaker_49Failures_staysClosed() {
        Breaker breaker = breaker(BreakerPolicy.defaults());

        fail(breaker, 49);

        assertThat(breaker.state()).isEqualTo("CLOSED");
    }

    @Test
    void slowSuccesses_slowAfterSet_open() {
        Breaker breaker = breaker(
                BreakerPolicy.builder().slowAfter(Duration.ofNanos(FAST * 2)).build());

        for (int i = 0; i < 50; i++) {
            breaker.success(breaker.tryAcquire(), FAST * 3);
        }

        assertThat(breaker.state()).isEqualTo("OPEN");
    }

    @Test
    void slowSuccesses_byDefault_doNotCount() {
        Breaker breaker = breaker(BreakerPolicy.defaults());

        for (int i = 0; i < 100; i++) {
            breaker.success(breaker.tryAcquire(), Duration.ofDays(1).toNanos());
        }

        assertThat(breaker.state()).isEqualTo("CLOSED");
    }

    /** Trap: the lock-free window of resilience4j 2.4.0 throws for a size of 1. */
    @Test
    void windowOrProbes_ofOne_work() {
        Breaker breaker =
                breaker(BreakerPolicy.builder().window(1).minSeen(1).probes(1).build());
        breaker.success(breaker.tryAcquire(), FAST);
        assertThat(breaker.state()).isEqualTo("CLOSED");
        fail(breaker, 1);
        assertThat(breaker.state()).isEqualTo("OPEN");

        clock.advance(BreakerPolicy.defaults().openFor().plusMillis(1));
        breaker.success(breaker.tryAcquire(), FAST);

        assertThat(breaker.state()).isEqualTo("CLOSED");
        assertThat(clock.pendingTimers()).isZero();
    }

    @Test
    void machineOfTheCallers_thatThrows_isNotHeardOf() {
        Breaker breaker = breaker(BreakerPolicy.of(CircuitBreaker.of(
                "throwing",
                CircuitBreakerConfig.custom()
                        .recordException(error -> {
                            throw new IllegalStateException("the caller's predicate");
                        })
                        .build())));

        breaker.failure(breaker.tryAcquire(), FAST, FAILURE);

        assertThat(breaker.tryAcquire()).isNotEqualTo(Breaker.REFUSED);
    }

    @Test
    void halfOpen_withoutATimer_isEndedByItsProbes() {
        Breaker breaker = new Breaker(BreakerPolicy.defaults(), "endpoint", clock, (task, delay) -> {
            throw new RejectedExecutionException();
        });
        fail(breaker, 50);
        clock.advance(BreakerPolicy.defaults().openFor().plusMillis(1));

        acquireAll(breaker).forEach(probe -> breaker.success(probe, FAST));

        assertThat(breaker.state()).isEqualTo("CLOSED");
    }

    @Test
    void halfOpen_schedulerFails_isEndedByItsProbes() {
        Breaker breaker = new Breaker(BreakerPolicy.defaults(), "endpoint", clock, (task, delay) -> {
            throw new IllegalStateException("the scheduler is gone");
        });
        fail(breaker, 50);
        clock.advance(BreakerPolicy.defaults().openFor().plusMillis(1));

        acquireAll(breaker).forEach(probe -> breaker.success(probe, FAST));

        assertThat(breaker.state()).isEqualTo("CLOSED");
    }

    @Test
    void close_whileHalfOpen_leavesNoTimer() {
        Breaker breaker = halfOpen();
        assertThat(clock.pendingTimers()).isEqualTo(1);

        breaker.close();

        assertThat(clock.pendingTimers()).isZero();
    }

    @Test
    void halfOpen_enteredAfterClose_setsNoTimer() {
        Breaker breaker = breaker(BreakerPolicy.defaults());
        fail(breaker, 50);
        breaker.close();
        clock.advance(Duration.ofMillis(5_001));

        assertThat(acquireAll(breaker)).hasSize(5);

        assertThat(clock.pendingTimers()).isZero();
    }

    /** The last probe closes the breaker while the end of its time is being worked out. */
    @Test
    void probesDecide_whileTheTimeEnds_isNotUndone() {
        CircuitBreaker machine = CircuitBreaker.ofDefaults("own");
        Breaker breaker = breaker(BreakerPolicy.of(closingWhenMeasured(machine)));
        machine.transitionToOpenState();
        machine.transitionToHalfOpenState();
        breaker.release(breaker.tryAcquire());
        assertThat(clock.pendingTimers()).isEqualTo(1);

        clock.advance(BreakerPolicy.defaults().halfOpenFor());

        assertThat(machine.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    private static CircuitBreaker closingWhenMeasured(CircuitBreaker machine) {
        return (CircuitBreaker) Proxy.newProxyInstance(
                BreakerTest.class.getClassLoader(), new Class<?>[] {CircuitBreaker.class}, (proxy, method, args) -> {
                    if (method.getName().equals("getMetrics")) {
                        machine.transitionToClosedState();
                    }
                    return method.invoke(machine, args);
                });
    }

    @Test
    void halfOpen_entered_letsFiveProbesPass() {
        Breaker breaker = halfOpen();

        List<Long> probes = acquireAll(breaker);

        assertThat(probes).hasSize(5).allMatch(breaker::isProbe);
        assertThat(breaker.state()).isEqualTo("HALF_OPEN");
    }

    @Test
    void probes_allSucceeded_close() {
        Breaker breaker = halfOpen();

        acquireAll(breaker).forEach(probe -> breaker.success(probe, FAST));

        assertThat(breaker.state()).isEqualTo("CLOSED");
        assertThat(breaker.isProbe(breaker.tryAcquire())).isFalse();
        assertThat(clock.pendingTimers()).isZero();
    }

    @Test
    void probes_halfFailed_openAgain() {
        Breaker breaker = halfOpen();
        List<Long> probes = acquireAll(breaker);

        probes.subList(0, 2).forEach(probe -> breaker.success(probe, FAST));
        probes.subList(2, 5).forEach(probe -> breaker.failure(probe, FAST, FAILURE));

        assertThat(breaker.state()).isEqualTo("OPEN");
        assertThat(clock.pendingTimers()).isZero();
    }

    /** Trap: resilience4j alone then refuses for ever. */
    @Test
    void probe_hangsAndIsCancelled_letsTheNextPass() {
        Breaker breaker = halfOpen();
        acquireAll(breaker).forEach(breaker::release);

        assertThat(acquireAll(breaker)).hasSize(5);
        assertThat(breaker.state()).isEqualTo("HALF_OPEN");
    }

    /** Trap: resilience4j's decorators lose the permission. */
    @Test
    void probe_endsWithError_isCounted() {
        Breaker breaker = halfOpen();

        acquireAll(breaker).forEach(probe -> breaker.failure(probe, FAST, new StackOverflowError()));

        assertThat(breaker.state()).isEqualTo("OPEN");
    }

    /** Trap: resilience4j's decorators count a cancellation as a failure. */
    @Test
    void localRejectionsAndCancels_tenThousand_countNothing() {
        CircuitBreaker machine = CircuitBreaker.ofDefaults("own");
        Breaker breaker = breaker(BreakerPolicy.of(machine));

        for (int i = 0; i < 10_000; i++) {
            breaker.release(breaker.tryAcquire());
        }

        assertThat(machine.getMetrics().getNumberOfBufferedCalls()).isZero();
    }

    /** Trap: resilience4j's half-open state has no limit by default. */
    @Test
    void probes_hangForEver_openAgainAfterTheLimit() {
        Breaker breaker = halfOpen();
        List<Long> hung = acquireAll(breaker);

        clock.advance(Duration.ofSeconds(10));
        assertThat(breaker.state()).isEqualTo("OPEN");
        assertThat(clock.pendingTimers()).isZero();

        clock.advance(Duration.ofMillis(5_001));
        List<Long> probes = acquireAll(breaker);
        hung.forEach(breaker::release);
        assertThat(probes).hasSize(5);
        assertThat(acquireAll(breaker)).isEmpty();
    }

    @Test
    void halfOpen_fewProbesSucceededInTime_closes() {
        Breaker breaker = halfOpen();
        breaker.success(breaker.tryAcquire(), FAST);

        clock.advance(Duration.ofSeconds(10));

        assertThat(breaker.state()).isEqualTo("CLOSED");
    }

    @Test
    void halfOpen_halfOfFewProbesFailedInTime_opens() {
        Breaker breaker = halfOpen();
        breaker.success(breaker.tryAcquire(), FAST);
        breaker.failure(breaker.tryAcquire(), FAST, FAILURE);

        clock.advance(Duration.ofSeconds(10));

        assertThat(breaker.state()).isEqualTo("OPEN");
    }

    @Test
    void attemptOfClosedTimes_endsWhenHalfOpen_changesNothing() {
        Breaker breaker = breaker(BreakerPolicy.defaults());
        List<Long> before = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            before.add(breaker.tryAcquire());
        }
        fail(breaker, 50);
        clock.advance(Duration.ofMillis(5_001));
        long probe = breaker.tryAcquire();

        before.subList(0, 7).forEach(ticket -> breaker.success(ticket, FAST));
        before.subList(7, 14).forEach(ticket -> breaker.failure(ticket, FAST, FAILURE));
        before.subList(14, 20).forEach(breaker::release);

        assertThat(breaker.isProbe(probe)).isTrue();
        assertThat(breaker.state()).isEqualTo("HALF_OPEN");
        assertThat(acquireAll(breaker)).hasSize(4);
    }

    @Test
    void none_anyNumberOfFailures_refusesNothing() {
        Breaker breaker = breaker(BreakerPolicy.none());

        fail(breaker, 1_000);

        assertThat(breaker.tryAcquire()).isNotEqualTo(Breaker.REFUSED);
        assertThat(breaker.isProbe(breaker.tryAcquire())).isFalse();
        assertThat(breaker.state()).isEqualTo("DISABLED");
    }

    @Test
    void refusal_given_isNoProbe() {
        assertThat(breaker(BreakerPolicy.defaults()).isProbe(Breaker.REFUSED)).isFalse();
    }

    @Test
    void breakerOfTheCallers_openedElsewhere_refusesHere() {
        CircuitBreaker machine = CircuitBreaker.ofDefaults("own");
        Breaker breaker = breaker(BreakerPolicy.of(machine));
        long ticket = breaker.tryAcquire();

        machine.transitionToOpenState();
        machine.transitionToHalfOpenState();
        breaker.release(ticket);

        assertThat(acquireAll(breaker)).hasSize(10);
        machine.transitionToForcedOpenState();
        assertThat(breaker.tryAcquire()).isEqualTo(Breaker.REFUSED);
    }

    @Test
    void breakerOfTheCallers_consumerThrows_changesNothing() {
        CircuitBreaker machine = CircuitBreaker.ofDefaults("own");
        machine.getEventPublisher().onEvent(event -> {
            throw new IllegalStateException("consumer");
        });
        Breaker breaker = breaker(BreakerPolicy.of(machine));

        breaker.success(breaker.tryAcquire(), FAST);
        breaker.failure(breaker.tryAcquire(), FAST, FAILURE);

        assertThat(machine.getMetrics().getNumberOfBufferedCalls()).isEqualTo(2);
    }

    private Breaker breaker(BreakerPolicy policy) {
        return new Breaker(policy, "test", clock, clock);
    }

    private Breaker halfOpen() {
        Breaker breaker = breaker(BreakerPolicy.defaults());
        fail(breaker, 50);
        clock.advance(Duration.ofMillis(5_001));
        breaker.release(breaker.tryAcquire());
        assertThat(breaker.state()).isEqualTo("HALF_OPEN");
        return breaker;
    }

    private static void fail(Breaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.failure(breaker.tryAcquire(), FAST, FAILURE);
        }
    }

    private static List<Long> acquireAll(Breaker breaker) {
        List<Long> tickets = new ArrayList<>();
        for (long next = breaker.tryAcquire(); next != Breaker.REFUSED; next = breaker.tryAcquire()) {
            tickets.add(next);
            assertThat(tickets).hasSizeLessThan(100);
        }
        return tickets;
    }
}
