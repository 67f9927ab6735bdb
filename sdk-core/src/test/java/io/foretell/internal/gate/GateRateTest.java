package io.foretell.internal.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foretell.error.RejectedException;
import io.foretell.internal.gate.Gate.Outcome;
import io.foretell.internal.gate.Gate.Place;
import io.foretell.policy.LimitPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.time.Deadline;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import io.github.resilience4j.ratelimiter.internal.SemaphoreBasedRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateRateTest {
    private final FakeClock clock = new FakeClock();
    private final List<String> granted = new ArrayList<>();

    /** Time stands still while the gate is asked, so a caller that waited would never come back. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 3, 50, 120, 5_000})
    void rate_offeredTenTimesAsMuch_admitsTheRateAndBlocksNobody(double perSecond) {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(perSecond).maxQueued(10));
        int[] admitted = new int[1];
        int offers = 20_000;
        Duration gap = Duration.ofNanos((long) (1e9 / (perSecond * 10)));

        for (int i = 0; i < offers; i++) {
            offer(gate, () -> admitted[0]++);
            clock.advance(gap);
        }

        assertThat(admitted[0]).isCloseTo(offers / 10, Offset.offset(offers / 10 / 50 + 1));
    }

    private void offer(Gate gate, Runnable admitted) {
        Runnable passes = () -> {
            admitted.run();
            gate.leave(1, Outcome.SUCCESS, 1);
        };
        if (gate.tryEnter(1)) {
            passes.run();
        } else {
            try {
                gate.enqueue(1, far(), passes);
            } catch (RejectedException full) {
                assertThat(gate.queued()).isEqualTo(10);
            }
        }
    }

    @Test
    void waitLongerThanDeadline_isRefusedAtOnceAndCostsNothing() {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(50));
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(1)).isFalse();

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> gate.enqueue(1, within(Duration.ofMillis(19)), () -> {}))
                .withMessage(
                        "endpoint test: the rate limit (1 per 20.0 ms) lets this request start in 20.0 ms at the"
                                + " earliest, later than its deadline in 19.0 ms: send less, or raise the limit or the timeout");

        clock.advance(Duration.ofMillis(20));
        assertThat(gate.tryEnter(1)).isTrue();
    }

    @Test
    void waitBehindOthersLongerThanDeadline_isRefused() {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(50));
        assertThat(gate.tryEnter(1)).isTrue();
        enqueue(gate, "a");
        enqueue(gate, "b");

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> gate.enqueue(1, within(Duration.ofMillis(59)), () -> {}));
        gate.enqueue(1, within(Duration.ofMillis(60)), () -> granted.add("c"));

        clock.advance(Duration.ofMillis(60));
        assertThat(granted).containsExactly("a", "b", "c");
    }

    @Test
    void freeze_overWithManyWaiting_isFollowedByNoBurst() {
        long[] frozen = new long[1];
        Gate gate = new Gate(
                LimitPolicy.builder().ratePerSecond(500).build(), "test", () -> clock.nanos() + frozen[0], clock);
        for (int i = 0; i < 10; i++) {
            assertThat(gate.tryEnter(1)).isTrue();
        }
        for (int i = 0; i < 500; i++) {
            enqueue(gate, "waiting");
        }

        frozen[0] = Duration.ofSeconds(2).toNanos();
        clock.advance(Duration.ofMillis(20));

        assertThat(granted).hasSize(10);
        clock.advance(Duration.ofMillis(20));
        assertThat(granted).hasSize(20);
    }

    @Test
    void head_cancelledWhileItWaitsForTheRate_leavesNoTimer() {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(50));
        assertThat(gate.tryEnter(1)).isTrue();
        Place place = enqueue(gate, "a");
        assertThat(clock.pendingTimers()).isEqualTo(1);

        assertThat(place.cancel()).isTrue();

        assertThat(clock.pendingTimers()).isZero();
        clock.advance(Duration.ofMillis(20));
        assertThat(gate.tryEnter(1)).isTrue();
    }

    @Test
    void fullGate_rateAvailable_spendsNoneOnWhoCannotEnter() {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(50).maxInFlight(1).maxQueued(10));
        assertThat(gate.tryEnter(1)).isTrue();
        enqueue(gate, "a");
        clock.advance(Duration.ofMillis(100));

        gate.leave(1, Outcome.SUCCESS, 1);

        assertThat(granted).containsExactly("a");
    }

    /** Trap: resilience4j's own way is to park the caller for as long as the limiter's time-out lets it. */
    @Test
    void limiterOfTheCallers_withLongTimeout_blocksNobody() {
        Gate gate = gate(LimitPolicy.builder().rateLimiter(limiter(Duration.ofSeconds(5))));
        assertThat(gate.tryEnter(1)).isTrue();

        assertThat(gate.tryEnter(1)).isFalse();
        enqueue(gate, "a");
        enqueue(gate, "b");

        assertThat(granted).isEmpty();
        clock.advance(Duration.ofMillis(20));
        assertThat(granted).containsExactly("a");
        clock.advance(Duration.ofMillis(20));
        assertThat(granted).containsExactly("a", "b");
    }

    @Test
    void limiterOfTheCallers_reservationOfOneThatCancels_isTheNextOnes() {
        RateLimiter limiter = limiter(Duration.ofSeconds(5));
        Gate gate = gate(LimitPolicy.builder().rateLimiter(limiter));
        assertThat(gate.tryEnter(1)).isTrue();
        Place a = enqueue(gate, "a");
        enqueue(gate, "b");

        assertThat(a.cancel()).isTrue();
        clock.advance(Duration.ofMillis(20));

        assertThat(granted).containsExactly("b");
        assertThat(limiter.getMetrics().getAvailablePermissions()).isZero();
    }

    @Test
    void limiterOfTheCallers_reservationNobodyUsed_lapses() {
        Gate gate = gate(LimitPolicy.builder().rateLimiter(limiter(Duration.ofSeconds(5))));
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(enqueue(gate, "a").cancel()).isTrue();

        clock.advance(Duration.ofSeconds(2));

        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(1)).isFalse();
    }

    @Test
    void limiterOfTheCallers_consumerThrows_failsNobody() {
        RateLimiter limiter = limiter(Duration.ZERO);
        limiter.getEventPublisher().onSuccess(event -> {
            throw new IllegalStateException("consumer");
        });
        Gate gate = gate(LimitPolicy.builder().rateLimiter(limiter));

        assertThat(gate.tryEnter(1)).isFalse();
        assertThat(gate.inFlight()).isZero();
    }

    @Test
    void limiterOfTheCallers_cannotReserve_isRefusedByName() {
        ScheduledExecutorService threads = Executors.newSingleThreadScheduledExecutor();
        try {
            RateLimiter limiter = new SemaphoreBasedRateLimiter("plain", RateLimiterConfig.ofDefaults(), threads);

            assertThatIllegalArgumentException()
                    .isThrownBy(LimitPolicy.builder().rateLimiter(limiter)::build)
                    .withMessage("rateLimiter cannot reserve a permission: plain (SemaphoreBasedRateLimiter)");
        } finally {
            threads.shutdownNow();
        }
    }

    private AtomicRateLimiter limiter(Duration timeout) {
        return new AtomicRateLimiter(
                "own",
                RateLimiterConfig.custom()
                        .limitForPeriod(1)
                        .limitRefreshPeriod(Duration.ofMillis(20))
                        .timeoutDuration(timeout)
                        .build(),
                clock::nanos);
    }

    private Gate gate(LimitPolicy.Builder policy) {
        return new Gate(policy.build(), "test", clock, clock);
    }

    private Place enqueue(Gate gate, String name) {
        return gate.enqueue(1, far(), () -> granted.add(name));
    }

    private Deadline far() {
        return within(Duration.ofDays(1));
    }

    private Deadline within(Duration time) {
        return Deadline.after(time, clock);
    }
}
