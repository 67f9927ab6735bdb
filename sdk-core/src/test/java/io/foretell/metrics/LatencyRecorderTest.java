package io.foretell.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foretell.event.CallEvent;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyRecorderTest {
    private static final CallEvent START = CallEvent.started(new CallEvent.Source("grpc", "host:1", "bert"), 1, 1, 1);

    private final LatencyRecorder recorder = new LatencyRecorder();

    private void call(long nanos) {
        recorder.callEnded(START.ended(Timings.none().with(Phase.CALL, nanos), null));
    }

    @Test
    void snapshot_ofNothing_isZero() {
        LatencySnapshot snapshot = recorder.snapshot();

        for (Phase phase : Phase.values()) {
            assertThat(snapshot.count(phase)).isZero();
            assertThat(snapshot.percentile(phase, 99)).isZero();
            assertThat(snapshot.max(phase)).isZero();
        }
        assertThat(snapshot).hasToString("0 calls, 0 errors, amplification 0.0, p50 0.0 ms, p99 0.0 ms");
    }

    @Test
    void percentiles_ofRandomTimes_areWithinThreeDigits() {
        long[] times = new Random(3).longs(10_000, 1_000, 2_000_000_000L).toArray();
        Arrays.stream(times).forEach(this::call);
        Arrays.sort(times);
        LatencySnapshot snapshot = recorder.snapshot();

        assertThat(snapshot.calls()).isEqualTo(10_000);
        assertThat(snapshot.count(Phase.CALL)).isEqualTo(10_000);
        for (double percentile : new double[] {1, 50, 95, 99, 99.9}) {
            double exact = times[(int) Math.ceil(percentile / 100 * times.length) - 1];
            assertThat((double) snapshot.percentile(Phase.CALL, percentile).toNanos())
                    .isCloseTo(exact, within(exact / 1_000));
        }
        double longest = times[times.length - 1];
        assertThat((double) snapshot.max(Phase.CALL).toNanos()).isCloseTo(longest, within(longest / 1_000));
    }

    @Test
    void phases_areRecordedWithTheEventThatHasThem() {
        Timings all = Timings.none();
        for (Phase phase : Phase.values()) {
            all = all.with(phase, 1_000_000L * (phase.ordinal() + 1));
        }
        recorder.callEnded(START.ended(all, null));
        recorder.requestEnded(START.ended(all, null));
        recorder.attemptEnded(START.ended(all, null));
        LatencySnapshot snapshot = recorder.snapshot();

        for (Phase phase : Phase.values()) {
            assertThat(snapshot.count(phase)).as(phase.name()).isEqualTo(1);
            assertThat(snapshot.max(phase).toNanos()).isCloseTo(1_000_000L * (phase.ordinal() + 1), within(10_000L));
        }
        assertThat(snapshot.calls()).isEqualTo(1);
        assertThat(snapshot.requests()).isEqualTo(1);
        assertThat(snapshot.attempts()).isEqualTo(1);
    }

    @Test
    void phasesThatDidNotHappen_leaveNoTime() {
        recorder.attemptEnded(START.ended(Timings.none().with(Phase.ATTEMPT, 5), null));

        assertThat(recorder.snapshot().count(Phase.ATTEMPT)).isEqualTo(1);
        assertThat(recorder.snapshot().count(Phase.SEND)).isZero();
    }

    @Test
    void failedCalls_areCountedWithoutATime() {
        call(7);
        recorder.callEnded(START.ended(Timings.none().with(Phase.CALL, 1), new IllegalStateException()));
        LatencySnapshot snapshot = recorder.snapshot();

        assertThat(snapshot.calls()).isEqualTo(2);
        assertThat(snapshot.errors()).isEqualTo(1);
        assertThat(snapshot.count(Phase.CALL)).isEqualTo(1);
    }

    @Test
    void timesAboveAnHour_countAsAnHour() {
        call(Duration.ofDays(1).toNanos());

        assertThat(recorder.snapshot().max(Phase.CALL)).isBetween(Duration.ofHours(1), Duration.ofMinutes(61));
    }

    @Test
    void snapshot_onceTaken_doesNotChange() {
        call(1_000_000);
        LatencySnapshot before = recorder.snapshot();
        call(9_000_000);
        recorder.reset();

        assertThat(before.calls()).isEqualTo(1);
        assertThat(before).hasToString("1 calls, 0 errors, amplification 0.0, p50 1.0 ms, p99 1.0 ms");
        assertThat(recorder.snapshot().calls()).isZero();
        assertThat(recorder.snapshot().count(Phase.CALL)).isZero();
    }

    @Test
    void percentile_outsideItsRange_isRefused() {
        LatencySnapshot snapshot = recorder.snapshot();
        for (double percentile : new double[] {-0.1, 100.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> snapshot.percentile(Phase.CALL, percentile))
                    .withMessageContaining(String.valueOf(percentile));
        }
    }

    @Test
    void recording_fromManyThreads_losesNothing() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 1; i <= 1_000; i++) {
                    call(i * 1_000L);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(recorder.snapshot().calls()).isEqualTo(8_000);
        assertThat(recorder.snapshot().count(Phase.CALL)).isEqualTo(8_000);
    }
}
