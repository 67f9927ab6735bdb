package io.foretell.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foretell.testing.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);
    private static final Duration LONG_AGO = Duration.ofSeconds(Long.MIN_VALUE);

    private final FakeClock clock = new FakeClock();

    @Test
    void deadline_asTimePasses_expiresAtItsInstant() {
        Deadline deadline = Deadline.after(Duration.ofMillis(2), clock);

        clock.advance(Duration.ofNanos(1_999_999));
        assertThat(deadline.remainingNanos()).isEqualTo(1);
        assertThat(deadline.isExpired()).isFalse();

        clock.advance(Duration.ofNanos(1));
        assertThat(deadline.remainingNanos()).isZero();
        assertThat(deadline.isExpired()).isTrue();

        clock.advance(Duration.ofNanos(5));
        assertThat(deadline.remainingNanos()).isEqualTo(-5);
    }

    @Test
    void negativeTimeout_hasExpiredAlready() {
        assertThat(Deadline.after(Duration.ofNanos(-1), clock).isExpired()).isTrue();
        assertThat(Deadline.afterNanos(0, clock).isExpired()).isTrue();
    }

    @Test
    void timeoutsBeyondALong_areCut() {
        Deadline never = Deadline.after(FOREVER, clock);
        Deadline past = Deadline.after(LONG_AGO, clock);

        assertThat(never.remainingNanos())
                .isGreaterThan(Duration.ofDays(70 * 365).toNanos())
                .isEqualTo(Deadline.afterNanos(Long.MAX_VALUE, clock).remainingNanos());
        assertThat(past.isExpired()).isTrue();
        assertThat(past.remainingNanos())
                .isEqualTo(Deadline.afterNanos(Long.MIN_VALUE, clock).remainingNanos());
    }

    @Test
    void farthestDeadlines_madeAtDifferentTimes_stillCompare() {
        Deadline past = Deadline.after(LONG_AGO, clock);
        clock.advance(Duration.ofDays(10 * 365));
        Deadline never = Deadline.after(FOREVER, clock);

        assertThat(past.isBefore(never)).isTrue();
        assertThat(never.isBefore(past)).isFalse();
        assertThat(never.min(past)).isSameAs(past);
    }

    @Test
    void deadlines_onATickerThatWraps_stillCompare() {
        Ticker wrapping = () -> Long.MAX_VALUE - 1;
        Deadline soon = Deadline.afterNanos(1, wrapping);
        Deadline later = Deadline.afterNanos(100, wrapping);

        assertThat(soon.isBefore(later)).isTrue();
        assertThat(later.min(soon)).isSameAs(soon);
        assertThat(later.remainingNanos()).isEqualTo(100);
    }

    @Test
    void min_ofEqualDeadlines_isOneOfThem() {
        Deadline a = Deadline.afterNanos(5, clock);
        Deadline b = Deadline.afterNanos(5, clock);

        assertThat(a.isBefore(b)).isFalse();
        assertThat(a.min(b).remainingNanos()).isEqualTo(5);
    }

    @Test
    void deadlines_onTwoTickers_doNotCompare() {
        Deadline here = Deadline.afterNanos(1, clock);
        Deadline there = Deadline.afterNanos(1, new FakeClock());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.isBefore(there))
                .withMessageStartingWith("deadlines on two tickers");
        assertThatIllegalArgumentException().isThrownBy(() -> here.min(there));
    }

    @Test
    void toString_saysWhatIsLeft() {
        assertThat(Deadline.after(Duration.ofNanos(12_500_999), clock)).hasToString("12.5 ms left");
    }
}
