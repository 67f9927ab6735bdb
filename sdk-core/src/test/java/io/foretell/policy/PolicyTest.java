package io.foretell.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTest {
    @Test
    void defaults_printed_sayTheSettings() {
        long quarter = Runtime.getRuntime().maxMemory() / 4 / (1024 * 1024);

        assertThat(RetryPolicy.defaults())
                .hasToString("3 attempts, backoff 50 ms to 5 s (throttled from 500 ms), budget 20 % + 10/s,"
                        + " model faults retried 0 times");
        assertThat(HedgingPolicy.defaults()).hasToString("hedge after p95 (at least 1 ms), at most 5 % extra");
        assertThat(BreakerPolicy.defaults())
                .hasToString("breaker opens for 5 s at 50 % failures of the last 100 (at least 50),"
                        + " then 5 probes within 10 s");
        assertThat(LimitPolicy.defaults())
                .hasToString("at most 1000 in flight, " + quarter + " MiB in flight, 1000 queued");
    }

    @Test
    void none_printed_saysSo() {
        assertThat(RetryPolicy.none()).hasToString("no retries");
        assertThat(HedgingPolicy.none()).hasToString("no hedging");
        assertThat(BreakerPolicy.none()).hasToString("no breaker");
        assertThat(LimitPolicy.none()).hasToString("no limits");
    }

    @Test
    void settingsOfOnesOwn_printed_areNamed() {
        assertThat(BreakerPolicy.builder().slowAfter(Duration.ofMillis(1_500)).build())
                .hasToString("breaker opens for 5 s at 50 % failures or 50 % slower than 1.5 s of the last 100"
                        + " (at least 50), then 5 probes within 10 s");
        assertThat(BreakerPolicy.of(CircuitBreaker.ofDefaults("shared")))
                .hasToString("breaker of the caller's own: shared");
        assertThat(LimitPolicy.builder()
                        .adaptive(1, 64)
                        .maxInFlightBytes(1_000)
                        .ratePerSecond(0.5)
                        .build())
                .hasToString("1 to 64 in flight (adaptive, slow after 5 s), 1000 B in flight, 64 queued, 0.5/s");
        assertThat(LimitPolicy.none().toBuilder()
                        .rateLimiter(RateLimiter.ofDefaults("shared"))
                        .build())
                .hasToString("rate limiter of the caller's own: shared");
    }

    @Test
    void retryPolicy_copied_keepsItsSettings() {
        RetryPolicy policy = RetryPolicy.builder()
                .maxAttempts(4)
                .budgetRatio(0.1)
                .budgetPerSecond(2)
                .budgetInitial(7)
                .baseBackoff(Duration.ofMillis(1))
                .throttledBackoff(Duration.ofMillis(2))
                .maxBackoff(Duration.ofMillis(3))
                .modelFaults(1)
                .build();

        assertThat(policy.toBuilder().build()).usingRecursiveComparison().isEqualTo(policy);
        assertThat(policy.budgetInitial()).isEqualTo(7);
    }

    @Test
    void hedgingPolicy_copied_keepsItsSettings() {
        HedgingPolicy policy = HedgingPolicy.builder()
                .percentile(99)
                .maxExtra(0.01)
                .minDelay(Duration.ofMillis(5))
                .build();

        assertThat(policy.toBuilder().build()).usingRecursiveComparison().isEqualTo(policy);
        assertThat(policy.percentile()).isEqualTo(99);
        assertThat(HedgingPolicy.none().toBuilder().build().enabled()).isFalse();
    }

    @Test
    void breakerPolicy_copied_keepsItsSettings() {
        BreakerPolicy policy = BreakerPolicy.builder()
                .failureRate(0.1)
                .window(10)
                .minSeen(5)
                .openFor(Duration.ofMillis(10))
                .probes(2)
                .halfOpenFor(Duration.ofMillis(20))
                .slowAfter(Duration.ofMillis(30))
                .slowRate(0.9)
                .build();

        assertThat(policy.toBuilder().build()).usingRecursiveComparison().isEqualTo(policy);
        assertThat(policy.slowRate()).isEqualTo(0.9);
        assertThat(BreakerPolicy.none().toBuilder().build().enabled()).isFalse();
    }

    @Test
    void breakerOfTheCallers_copied_stays() {
        CircuitBreaker own = CircuitBreaker.ofDefaults("own");

        assertThat(BreakerPolicy.of(own).toBuilder().build().circuitBreaker()).isSameAs(own);
    }

    @Test
    void limitPolicy_copied_keepsItsSettings() {
        LimitPolicy policy = LimitPolicy.builder()
                .adaptive(2, 8)
                .slowAfter(Duration.ofMillis(30))
                .maxInFlightBytes(100)
                .maxQueued(0)
                .ratePerSecond(50)
                .build();

        assertThat(policy.toBuilder().build()).usingRecursiveComparison().isEqualTo(policy);
        assertThat(policy.minInFlight()).isEqualTo(2);
        assertThat(policy.toBuilder().maxInFlight(5).build().adaptive()).isFalse();
    }

    @Test
    void maxQueued_unlessGiven_followsMaxInFlightInACopyToo() {
        assertThat(LimitPolicy.defaults().toBuilder().maxInFlight(500).build().maxQueued())
                .isEqualTo(500);
        assertThat(LimitPolicy.builder().maxQueued(7).build().toBuilder()
                        .maxInFlight(500)
                        .build()
                        .maxQueued())
                .isEqualTo(7);
    }

    @Test
    void rateAndRateLimiter_bothGiven_lastOneHolds() {
        RateLimiter own = RateLimiter.ofDefaults("own");

        assertThat(LimitPolicy.builder()
                        .rateLimiter(own)
                        .ratePerSecond(5)
                        .build()
                        .rateLimiter())
                .isNull();
        assertThat(LimitPolicy.builder()
                        .ratePerSecond(5)
                        .rateLimiter(own)
                        .build()
                        .ratePerSecond())
                .isPositive()
                .isInfinite();
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void setting_outOfRange_isNamedWithItsValue(Supplier<Object> build, String message) {
        assertThatIllegalArgumentException().isThrownBy(build::get).withMessage(message);
    }

    static Stream<Arguments> wrong() {
        return Stream.concat(wrongRetries(), wrongGates());
    }

    private static Stream<Arguments> wrongRetries() {
        Duration negative = Duration.ofMillis(-1);
        return Stream.of(
                wrong(RetryPolicy.builder().maxAttempts(0)::build, "maxAttempts < 1: 0"),
                wrong(RetryPolicy.builder().modelFaults(-1)::build, "modelFaults < 0: -1"),
                wrong(RetryPolicy.builder().budgetInitial(-1)::build, "budgetInitial < 0: -1"),
                wrong(RetryPolicy.builder().budgetRatio(-1)::build, "budgetRatio not a finite number >= 0: -1.0"),
                wrong(
                        RetryPolicy.builder().budgetPerSecond(Double.NaN)::build,
                        "budgetPerSecond not a finite number >= 0: NaN"),
                wrong(RetryPolicy.builder().baseBackoff(negative)::build, "baseBackoff not positive: PT-0.001S"),
                wrong(RetryPolicy.builder().maxBackoff(Duration.ZERO)::build, "maxBackoff not positive: PT0S"),
                wrong(
                        RetryPolicy.builder().throttledBackoff(Duration.ofSeconds(6))::build,
                        "throttledBackoff > maxBackoff: PT6S > PT5S"),
                wrong(HedgingPolicy.builder().percentile(100.1)::build, "percentile not in (0, 100.0]: 100.1"),
                wrong(HedgingPolicy.builder().maxExtra(0)::build, "maxExtra not in (0, 1.0]: 0.0"),
                wrong(HedgingPolicy.builder().minDelay(negative)::build, "minDelay not positive: PT-0.001S"));
    }

    private static Stream<Arguments> wrongGates() {
        Duration tooShort = Duration.ofNanos(999_999);
        return Stream.of(
                wrong(BreakerPolicy.builder().failureRate(2)::build, "failureRate not in (0, 1.0]: 2.0"),
                wrong(BreakerPolicy.builder().slowRate(0)::build, "slowRate not in (0, 1.0]: 0.0"),
                wrong(BreakerPolicy.builder().window(0)::build, "window < 1: 0"),
                wrong(BreakerPolicy.builder().minSeen(0)::build, "minSeen < 1: 0"),
                wrong(BreakerPolicy.builder().minSeen(101)::build, "minSeen > window: 101 > 100"),
                wrong(BreakerPolicy.builder().probes(0)::build, "probes < 1: 0"),
                wrong(BreakerPolicy.builder().openFor(tooShort)::build, "openFor < 1 ms: PT0.000999999S"),
                wrong(BreakerPolicy.builder().halfOpenFor(Duration.ZERO)::build, "halfOpenFor < 1 ms: PT0S"),
                wrong(BreakerPolicy.builder().slowAfter(Duration.ZERO)::build, "slowAfter < 1 ms: PT0S"),
                wrong(LimitPolicy.builder().maxInFlight(0)::build, "maxInFlight < 1: 0"),
                wrong(LimitPolicy.builder().maxInFlightBytes(0)::build, "maxInFlightBytes < 1: 0"),
                wrong(() -> LimitPolicy.builder().maxQueued(-1), "maxQueued < 0: -1"),
                wrong(() -> LimitPolicy.builder().adaptive(0, 1), "min < 1: 0"),
                wrong(() -> LimitPolicy.builder().adaptive(3, 2), "max < 3: 2"),
                wrong(() -> LimitPolicy.builder().ratePerSecond(0), "ratePerSecond not in (0, 1.0E9]: 0.0"),
                wrong(LimitPolicy.builder().slowAfter(Duration.ZERO)::build, "slowAfter < 1 ms: PT0S"));
    }

    private static Arguments wrong(Supplier<Object> build, String message) {
        return arguments(build, message);
    }
}
