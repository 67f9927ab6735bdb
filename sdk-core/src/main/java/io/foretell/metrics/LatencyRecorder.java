package io.foretell.metrics;

import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.ShadowEvent;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Counts calls and records how long they take by phase, in bounded memory: about 200 KB a phase, three significant
 * digits, times above an hour recorded as an hour. Add it to a predictor as a listener; one recorder may serve several.
 * Thread-safe; recording takes no lock.
 *
 * <p>Calls that failed are counted and leave no latency, so that fast failures do not flatter the percentiles.
 */
public final class LatencyRecorder extends CallListener {
    private static final long HIGHEST_NANOS = 3_600_000_000_000L;

    private final Map<Phase, Histogram> histograms = new EnumMap<>(Phase.class);
    private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

    /** An empty recorder. */
    public LatencyRecorder() {
        for (Phase phase : Phase.values()) {
            histograms.put(phase, new ConcurrentHistogram(HIGHEST_NANOS, 3));
        }
        for (Count count : Count.values()) {
            counts.put(count, new LongAdder());
        }
    }

    @Override
    public void callEnded(CallEvent event) {
        count(outcome(event.error()));
        record(event, Phase.CALL);
    }

    private static Count outcome(@Nullable Throwable error) {
        if (error == null) {
            return Count.SUCCESSES;
        }
        if (error instanceof CancellationException) {
            return Count.CANCELLED;
        }
        return error instanceof RejectedException ? Count.REJECTED : Count.FAILURES;
    }

    @Override
    public void requestEnded(CallEvent event) {
        count(Count.REQUESTS);
        if (event.error() instanceof InferenceException error && error.budgetRefused()) {
            count(Count.BUDGET_REFUSALS);
        }
        record(event, Phase.ENCODE);
        record(event, Phase.QUEUE);
        record(event, Phase.BACKOFF);
        record(event, Phase.DECODE);
    }

    @Override
    public void attemptEnded(CallEvent event) {
        count(Count.ATTEMPTS);
        switch (event.reason()) {
            case RETRY -> count(Count.RETRIES);
            case TRANSPARENT -> count(Count.TRANSPARENT);
            case HEDGE -> count(event.error() == null ? Count.HEDGES_WON : Count.HEDGES_LOST);
            case FIRST -> {}
        }
        record(event, Phase.ATTEMPT);
        record(event, Phase.SEND);
        record(event, Phase.WAIT);
        record(event, Phase.RECEIVE);
    }

    @Override
    public void shadowEnded(ShadowEvent event) {
        count(Count.SHADOWS);
    }

    private void count(Count what) {
        adder(what).increment();
    }

    private LongAdder adder(Count what) {
        return Objects.requireNonNull(counts.get(what));
    }

    private void record(CallEvent event, Phase phase) {
        long nanos = event.timings().nanos(phase);
        Histogram histogram = histograms.get(phase);
        if (event.error() == null && nanos >= 0 && histogram != null) {
            histogram.recordValue(Math.min(nanos, HIGHEST_NANOS));
        }
    }

    /** What was recorded so far. */
    public LatencySnapshot snapshot() {
        Map<Phase, Histogram> copies = new EnumMap<>(Phase.class);
        histograms.forEach((phase, histogram) -> copies.put(phase, histogram.copy()));
        Map<Count, Long> sums = new EnumMap<>(Count.class);
        counts.forEach((what, adder) -> sums.put(what, adder.sum()));
        return new LatencySnapshot(copies, sums);
    }

    /** Forgets everything, such as a warm-up. What is recorded meanwhile may or may not be kept. */
    public void reset() {
        histograms.values().forEach(Histogram::reset);
        counts.values().forEach(LongAdder::reset);
    }
}
