package io.foretell.scorecard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The traps are there in the release that the scorecard runs against: else the anchors' column would tell old tales. */
@Tag("scorecard")
@Timeout(60)
class ResilienceDecoratorTrapsTest {
    @Test
    void retry_hangs() throws InterruptedException {
        assertThat(ResilienceDecoratorTraps.endsAfterThrowingInARetry()).isFalse();
        assertThat(ResilienceDecoratorTraps.endsWhenTheSchedulerCloses()).isFalse();
    }

    @Test
    void retry_goesOnAfterCancel() {
        assertThat(ResilienceDecoratorTraps.attemptsAfterCancel()).isEqualTo(17);
    }

    @Test
    void retry_insistsOnAnOpenBreaker() {
        assertThat(ResilienceDecoratorTraps.refusalsOfOneCall()).isEqualTo(3);
    }

    @Test
    void bulkhead_keepsThePermitsOfCancelledCalls() {
        assertThat(ResilienceDecoratorTraps.cancelReachesInside()).isFalse();
        assertThat(ResilienceDecoratorTraps.permitsLeakedByCancel()).isEqualTo(25);
    }

    @Test
    void breaker_sticksHalfOpen() {
        assertThat(ResilienceDecoratorTraps.refusedAfterACancelledProbe()).isEqualTo(100);
        assertThat(ResilienceDecoratorTraps.refusedAfterAnErrorInAProbe()).isEqualTo(100);
    }

    @Test
    void breaker_countsCancelsAsFailures() {
        assertThat(ResilienceDecoratorTraps.failuresCountedForCancels()).isEqualTo(100);
    }

    @Test
    void rateLimiter_blocksTheCaller() {
        assertThat(ResilienceDecoratorTraps.callerKeptByTheRateLimit()).isGreaterThan(Duration.ofMillis(1));
    }

    @Test
    void timeLimiter_leavesATimerForEachFailure() {
        assertThat(ResilienceDecoratorTraps.timersLeftByFailures(1_000)).isEqualTo(1_000);
    }
}
