package io.foretell.internal.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.internal.gate.Gate.Outcome;
import io.foretell.policy.LimitPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InFlightLimitTest {
    private static final long FAST = Duration.ofMillis(10).toNanos();
    private static final long SLOW = Duration.ofSeconds(2).toNanos();

    @ParameterizedTest
    @CsvSource({"1, 100, 20", "1, 10, 10", "30, 100, 30"})
    void limit_new_startsNearTwenty(int min, int max, int start) {
        assertThat(adaptive(min, max).now()).isEqualTo(start);
    }

    @Test
    void fixed_anything_stays() {
        InFlightLimit limit =
                new InFlightLimit(LimitPolicy.builder().maxInFlight(7).build());

        limit.learn(Outcome.DROPPED, FAST, 7);
        limit.learn(Outcome.SUCCESS, FAST, 7);

        assertThat(limit.now()).isEqualTo(7);
    }

    @Test
    void dropped_once_lowersByATenth() {
        InFlightLimit limit = adaptive(1, 100);

        limit.learn(Outcome.DROPPED, FAST, 20);

        assertThat(limit.now()).isEqualTo(18);
    }

    @Test
    void slowSuccess_once_lowersByATenth() {
        InFlightLimit limit = adaptive(1, 100);

        limit.learn(Outcome.SUCCESS, SLOW, 20);

        assertThat(limit.now()).isEqualTo(18);
    }

    @Test
    void ignored_evenSlow_teachesNothing() {
        InFlightLimit limit = adaptive(1, 100);

        limit.learn(Outcome.IGNORE, SLOW, 20);

        assertThat(limit.now()).isEqualTo(20);
    }

    @Test
    void successes_aLimitsWorth_raiseByOne() {
        InFlightLimit limit = adaptive(1, 100);

        learn(limit, Outcome.SUCCESS, 21, 10);

        assertThat(limit.now()).isEqualTo(21);
    }

    @Test
    void successes_lessThanHalfUsed_raiseNothing() {
        InFlightLimit limit = adaptive(1, 100);

        learn(limit, Outcome.SUCCESS, 1_000, 9);

        assertThat(limit.now()).isEqualTo(20);
    }

    @Test
    void limit_atItsBounds_staysWithin() {
        InFlightLimit limit = adaptive(3, 25);

        learn(limit, Outcome.SUCCESS, 1_000, 25);
        assertThat(limit.now()).isEqualTo(25);
        learn(limit, Outcome.DROPPED, 1_000, 25);
        assertThat(limit.now()).isEqualTo(3);
    }

    /** Closed loop, in virtual time: the server takes 10 ms, then 2 s, then 10 ms again. */
    @Test
    void adaptiveLimit_serverSlowsAndRecovers_fallsAndComesBack() {
        FakeClock clock = new FakeClock();
        LimitPolicy policy = LimitPolicy.builder()
                .adaptive(1, 50)
                .slowAfter(Duration.ofMillis(500))
                .build();
        Gate gate = new Gate(policy, "test", clock, clock);
        long[] latency = {FAST};
        int[] done = new int[1];
        saturate(gate, clock, latency, done);
        clock.advance(Duration.ofSeconds(10));
        assertThat(gate.limit()).isEqualTo(50);

        latency[0] = SLOW;
        clock.advance(Duration.ofMillis(2_020));
        assertThat(gate.limit()).isLessThan(25);

        clock.advance(Duration.ofSeconds(20));
        assertThat(gate.limit()).isEqualTo(1);
        latency[0] = FAST;
        clock.advance(Duration.ofSeconds(10));
        done[0] = 0;
        clock.advance(Duration.ofSeconds(1));
        assertThat(done[0]).isGreaterThan(4_500);
    }

    /** As many attempts as the gate lets in, looked at each millisecond. */
    private static void saturate(Gate gate, FakeClock clock, long[] latency, int[] done) {
        while (gate.tryEnter(1)) {
            long takes = latency[0];
            clock.schedule(
                    () -> {
                        done[0]++;
                        gate.leave(1, Outcome.SUCCESS, takes);
                    },
                    takes);
        }
        clock.schedule(
                () -> saturate(gate, clock, latency, done), Duration.ofMillis(1).toNanos());
    }

    private static InFlightLimit adaptive(int min, int max) {
        return new InFlightLimit(LimitPolicy.builder()
                .adaptive(min, max)
                .slowAfter(Duration.ofSeconds(1))
                .build());
    }

    private static void learn(InFlightLimit limit, Outcome outcome, int times, int inFlight) {
        for (int i = 0; i < times; i++) {
            limit.learn(outcome, FAST, inFlight);
        }
    }
}
