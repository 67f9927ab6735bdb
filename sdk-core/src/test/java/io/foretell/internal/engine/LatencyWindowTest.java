package io.foretell.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LatencyWindowTest {
    private static final long MILLI = 1_000_000;

    private final FakeClock clock = new FakeClock();
    private final LatencyWindow window = new LatencyWindow(clock);

    private void record(int count, long nanos) {
        for (int i = 0; i < count; i++) {
            window.record(nanos, clock.nanos());
        }
    }

    private void assertPercentile(double percentile, long nanos) {
        assertThat((double) window.percentile(percentile)).isCloseTo(nanos, within(nanos / 100.0));
    }

    @Test
    void percentile_withFewerThanAHundredSamples_isUnknown() {
        assertThat(window.percentile(50)).isEqualTo(-1);
        record(99, MILLI);
        assertThat(window.percentile(50)).isEqualTo(-1);

        record(1, MILLI);
        assertPercentile(50, MILLI);
    }

    @Test
    void percentiles_ofRandomTimes_areWithinTwoDigits() {
        long[] times = new Random(5).longs(10_000, 2_000, 3_000_000_000L).toArray();
        Arrays.stream(times).forEach(nanos -> window.record(nanos, clock.nanos()));
        Arrays.sort(times);

        for (double percentile : new double[] {0.1, 50, 95, 99, 99.9, 100}) {
            assertPercentile(percentile, times[(int) Math.ceil(percentile / 100 * times.length) - 1]);
        }
        assertPercentile(0, times[0]);
    }

    @Test
    void samples_afterAMinute_areForgotten() {
        record(1_000, 10 * MILLI);
        clock.advance(Duration.ofSeconds(50));
        record(200, 90 * MILLI);
        assertPercentile(50, 10 * MILLI);

        clock.advance(Duration.ofSeconds(10));
        assertPercentile(50, 90 * MILLI);
        clock.advance(Duration.ofSeconds(50));
        assertThat(window.percentile(50)).isEqualTo(-1);
    }

    @Test
    void slots_whenTheirTurnComesAgain_startEmpty() {
        for (int minute = 1; minute <= 5; minute++) {
            record(100, minute * MILLI);
            assertPercentile(100, minute * MILLI);
            assertPercentile(0, minute * MILLI);
            clock.advance(Duration.ofMinutes(1));
        }
    }

    @Test
    void percentile_withinATenthOfASecond_isNotWorkedOutAgain() {
        record(100, MILLI);
        assertPercentile(50, MILLI);
        record(1_000, 8 * MILLI);
        clock.advance(Duration.ofMillis(99));
        assertPercentile(50, MILLI);

        clock.advance(Duration.ofMillis(1));
        assertPercentile(50, 8 * MILLI);
    }

    @Test
    void times_outsideTheRange_countAsItsEnds() {
        record(60, -5);
        record(60, Duration.ofDays(3).toNanos());

        assertThat(window.percentile(10)).isBetween(0L, 4_000L);
        assertPercentile(99, Duration.ofHours(1).toNanos());
    }

    @Test
    void recording_fromManyThreads_losesNothing() throws InterruptedException {
        record(8_000, 4 * MILLI);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Thread thread = new Thread(() -> {
                record(1_000, 2 * MILLI);
                window.percentile(95);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        clock.advance(Duration.ofMillis(100));

        assertPercentile(50, 2 * MILLI); // exactly half of all: one lost sample would make it 4 ms
        record(2, 4 * MILLI);
        clock.advance(Duration.ofMillis(100));
        assertPercentile(50.1, 4 * MILLI);
    }
}
