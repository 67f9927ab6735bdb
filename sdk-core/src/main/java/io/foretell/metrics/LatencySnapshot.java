package io.foretell.metrics;

import io.foretell.event.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;

/** The counts and latencies of a {@link LatencyRecorder} at one moment. Immutable. */
public final class LatencySnapshot {
    private final Map<Phase, Histogram> histograms;
    private final Map<Count, Long> counts;

    LatencySnapshot(Map<Phase, Histogram> histograms, Map<Count, Long> counts) {
        this.histograms = histograms;
        this.counts = counts;
    }

    private long count(Count what) {
        return Objects.requireNonNull(counts.get(what), what.name());
    }

    /** Calls that ended: the sum of the four that follow. */
    public long calls() {
        return successes() + failures() + cancelled() + rejected();
    }

    /** Calls that have a result. */
    public long successes() {
        return count(Count.SUCCESSES);
    }

    /** Calls that failed, but for those that this client refused. */
    public long failures() {
        return count(Count.FAILURES);
    }

    /** Calls whose callers gave up. */
    public long cancelled() {
        return count(Count.CANCELLED);
    }

    /** Calls that this client refused: by a limit, an open breaker, or because it is closed. */
    public long rejected() {
        return count(Count.REJECTED);
    }

    /** Calls without a result. */
    public long errors() {
        return calls() - successes();
    }

    /** Requests that ended. */
    public long requests() {
        return count(Count.REQUESTS);
    }

    /** Attempts that ended, for whatever reason they were made: what the servers saw. Shadows are not among them. */
    public long attempts() {
        return count(Count.ATTEMPTS);
    }

    /** Attempts that followed a failure and were charged to the retry budget. */
    public long retries() {
        return count(Count.RETRIES);
    }

    /** Attempts that followed one that provably never reached the model. */
    public long transparentAttempts() {
        return count(Count.TRANSPARENT);
    }

    /** Attempts made beside a slow one. */
    public long hedges() {
        return hedgesWon() + count(Count.HEDGES_LOST);
    }

    /** Those of them that answered first. */
    public long hedgesWon() {
        return count(Count.HEDGES_WON);
    }

    /** Requests that failed because the retry budget was used up. */
    public long budgetRefusals() {
        return count(Count.BUDGET_REFUSALS);
    }

    /** Copies of requests to a shadow whose comparison is done. */
    public long shadows() {
        return count(Count.SHADOWS);
    }

    /** Invocation amplification: how many attempts a request took on average; 0 before the first. */
    public double amplification() {
        return requests() == 0 ? 0 : (double) attempts() / requests();
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

    /** The counts, the amplification, and median and p99 of whole calls. */
    @Override
    public String toString() {
        return calls() + " calls, " + errors() + " errors, amplification " + Math.round(amplification() * 1e3) / 1e3
                + ", p50 "
                + percentile(Phase.CALL, 50).toNanos() / 1_000 / 1e3 + " ms, p99 "
                + percentile(Phase.CALL, 99).toNanos() / 1_000 / 1e3 + " ms";
    }
}
