package io.foretell.metrics;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

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
    private final LongAdder calls = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder attempts = new LongAdder();

    /** An empty recorder. */
    public LatencyRecorder() {
        for (Phase phase : Phase.values()) {
            histograms.put(phase, new ConcurrentHistogram(HIGHEST_NANOS, 3));
        }
    }

    @Override
    public void callEnded(CallEvent event) {
        calls.increment();
        if (event.error() != null) {
            errors.increment();
        }
        record(event, Phase.CALL);
    }

    @Override
    public void requestEnded(CallEvent event) {
        requests.increment();
        record(event, Phase.ENCODE);
        record(event, Phase.DECODE);
    }

    @Override
    public void attemptEnded(CallEvent event) {
        attempts.increment();
        record(event, Phase.ATTEMPT);
        record(event, Phase.SEND);
        record(event, Phase.WAIT);
        record(event, Phase.RECEIVE);
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
        return new LatencySnapshot(copies, calls.sum(), errors.sum(), requests.sum(), attempts.sum());
    }

    /** Forgets everything, such as a warm-up. What is recorded meanwhile may or may not be kept. */
    public void reset() {
        histograms.values().forEach(Histogram::reset);
        calls.reset();
        errors.reset();
        requests.reset();
        attempts.reset();
    }
}
