package io.foretell.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.RetryPolicy;
import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BackoffTest {
    private static final long MILLI = 1_000_000;

    private final Backoff backoff = new Backoff(RetryPolicy.defaults(), new Random(7));

    private static InferenceException error(ErrorCategory category) {
        return InferenceException.of(category).build();
    }

    private long[] waits(InferenceException error, int retry) {
        return LongStream.generate(() -> backoff.nanos(error, retry))
                .limit(2_000)
                .sorted()
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "OVERLOADED, 1, 50", "OVERLOADED, 2, 100", "OVERLOADED, 7, 3200", "OVERLOADED, 8, 5000",
        "SERVER_FAULT, 1, 50", "CONNECT, 3, 200", "TIMEOUT, 1000, 5000", "CONNECTION_LOST, 2147483647, 5000",
        "THROTTLED, 1, 500", "THROTTLED, 2, 1000", "THROTTLED, 5, 5000"
    })
    void wait_ofARetry_isSpreadEvenlyFromZeroToItsBound(ErrorCategory category, int retry, long boundMillis) {
        long[] waits = waits(error(category), retry);
        double bound = boundMillis * MILLI;

        assertThat(waits[0]).isBetween(0L, (long) (bound / 100));
        assertThat(waits[waits.length - 1]).isBetween((long) (bound * 0.99), (long) bound);
        assertThat((double) waits[waits.length / 4]).isCloseTo(bound / 4, within(bound / 20));
        assertThat((double) waits[waits.length / 2]).isCloseTo(bound / 2, within(bound / 20));
    }

    @ParameterizedTest
    @CsvSource({"1, 1000", "2, 2000", "5, 16000", "6, 20000", "60, 20000"})
    void wait_forAModelThatIsLoading_isPatient(int retry, long mostMillis) {
        long[] waits = waits(error(ErrorCategory.NOT_READY), retry);
        double most = mostMillis * MILLI;

        assertThat(waits[0]).isBetween((long) (most / 2), (long) (most * 0.51));
        assertThat(waits[waits.length - 1]).isBetween((long) (most * 0.99), (long) most);
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTH_EXPIRED", "CLOCK_SKEW"})
    void wait_whereTheCauseIsPutRight_isNone(ErrorCategory category) {
        assertThat(waits(error(category), 1)).containsOnly(0);
    }

    private static InferenceException pushedBack(ErrorCategory category, Duration pushback) {
        return InferenceException.of(category).pushback(pushback).build();
    }

    @ParameterizedTest
    @CsvSource({"THROTTLED, 3", "OVERLOADED, 6", "NOT_READY, 2"})
    void pushback_longerThanTheUsualWait_isExceededByATenthAtMost(ErrorCategory category, int retry) {
        long[] waits = waits(pushedBack(category, Duration.ofSeconds(3)), retry);

        assertThat(waits[0]).isBetween(3_000 * MILLI, 3_010 * MILLI);
        assertThat(waits[waits.length - 1]).isBetween(3_290 * MILLI, 3_300 * MILLI);
    }

    @Test
    void pushback_shorterThanTheUsualWait_isItsLeast() {
        long[] waits = waits(pushedBack(ErrorCategory.THROTTLED, Duration.ofMillis(400)), 2);

        assertThat(waits[0]).isBetween(400 * MILLI, 405 * MILLI);
        assertThat(waits[waits.length - 1]).isBetween(990 * MILLI, 1_000 * MILLI);
    }

    @Test
    void pushback_ofZero_leavesTheUsualWait() {
        long[] loading = waits(pushedBack(ErrorCategory.NOT_READY, Duration.ZERO), 1);
        long[] overloaded = waits(pushedBack(ErrorCategory.OVERLOADED, Duration.ZERO), 1);

        assertThat(loading[0]).isGreaterThanOrEqualTo(500 * MILLI);
        assertThat(overloaded[overloaded.length - 1]).isBetween(49 * MILLI, 50 * MILLI);
    }

    @Test
    void pushback_ofAges_isTaken() {
        long wait = backoff.nanos(pushedBack(ErrorCategory.OVERLOADED, Duration.ofSeconds(Long.MAX_VALUE)), 1);

        assertThat(wait).isGreaterThan(Duration.ofDays(36_500).toNanos());
    }

    @Test
    void policy_withItsOwnDurations_isFollowed() {
        RetryPolicy slow = RetryPolicy.builder()
                .maxBackoff(Duration.ofSeconds(Long.MAX_VALUE))
                .throttledBackoff(Duration.ofMillis(10))
                .build();
        Backoff own = new Backoff(slow, new Random(7));

        assertThat(own.nanos(error(ErrorCategory.THROTTLED), 1)).isBetween(0L, 10 * MILLI);
        assertThat(own.nanos(error(ErrorCategory.OVERLOADED), 1_000)).isPositive();
    }

    @Test
    void retries_ofAThousandCallsThatFailTogether_doNotComeTogether() {
        int[] bins = new int[5];
        for (int i = 0; i < 1_000; i++) {
            long wait = backoff.nanos(error(ErrorCategory.OVERLOADED), 1);
            bins[(int) Math.min(4, wait / (10 * MILLI))]++;
        }

        for (int bin : bins) {
            assertThat(bin).isBetween(1, 3 * 1_000 / 5);
        }
    }
}
