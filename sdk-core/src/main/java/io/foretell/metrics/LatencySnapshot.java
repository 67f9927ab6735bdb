package io.foretell.metrics;

import io.foretell.event.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;

/** The counts and latencies of a {@link LatencyRecorder} at one moment. Immutable. */
public final class LatencySnapshot {
    private final Map<Phase, Histogram> histograms;
    private final long calls;
    private final long errors;
    private final long requests;
    private final long attempts;

    LatencySnapshot(Map<Phase, Histogram> histograms, long calls, long errors, long requests, long attempts) {
        this.histograms = histograms;
        this.calls = calls;
        this.errors = errors;
        this.requests = requests;
        this.attempts = attempts;
    }

    /** Calls that ended, failed ones included. */
    public long calls() {
        return calls;
    }

    /** Calls that failed or were cancelled. */
    public long errors() {
        return errors;
    }

    /** Requests that ended. */
    public long requests() {
        return requests;
    }

    /** Attempts that ended. */
    public long attempts() {
        return attempts;
    }

    /** How many times of a phase were recorded. */
    public long count(Phase phase) {
        return histogram(phase).getTotalCount();
    }

    /**
     * The time that a share of the recorded times did not exceed; zero where none was recorded.
     *
     * @param percentile from 0 to 100
     * @throws IllegalArgumentException if it is not
     */
    public Duration percentile(Phase phase, double percentile) {
        if (!(percentile >= 0 && percentile <= 100)) {
            throw new IllegalArgumentException("percentile not within 0 and 100: " + percentile);
        }
        return Duration.ofNanos(histogram(phase).getValueAtPercentile(percentile));
    }

    /** The longest time recorded; zero where none was. */
    public Duration max(Phase phase) {
        return Duration.ofNanos(histogram(phase).getMaxValue());
    }

    private Histogram histogram(Phase phase) {
        return Objects.requireNonNull(histograms.get(phase), phase.name());
    }

    /** The counts, and median and p99 of whole calls. */
    @Override
    public String toString() {
        return calls + " calls, " + errors + " errors, p50 "
                + percentile(Phase.CALL, 50).toNanos() / 1_000 / 1e3 + " ms, p99 "
                + percentile(Phase.CALL, 99).toNanos() / 1_000 / 1e3 + " ms";
    }
}
