package io.foretell.internal.engine;

import io.foretell.time.Ticker;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

/**
 * The latencies of the last minute, to two significant digits between 1 us and an hour, in about 25 KB for each 10 s that
 * had any. Recording is wait-free and allocates nothing once a minute has gone by; it may lose what falls into the very
 * moment in which its 10 s begin. Percentiles are worked out at most every 100 ms, by one of those who ask.
 */
final class LatencyWindow {
    private static final int SLOTS = 6;
    private static final long SLOT_NANOS = 10_000_000_000L;
    private static final long LOWEST_NANOS = 1_000;
    private static final long HIGHEST_NANOS = 3_600_000_000_000L;
    private static final int DIGITS = 2;
    private static final long FRESH_NANOS = 100_000_000;
    private static final int LEAST_SAMPLES = 100;
    private static final int STEPS = 1_000;

    private final Ticker ticker;
    private final AtomicReferenceArray<@Nullable Histogram> slots = new AtomicReferenceArray<>(SLOTS);
    private final Slices slices;
    private final AtomicBoolean merging = new AtomicBoolean();
    private volatile @Nullable Curve curve;

    /** Latencies by thousandths of all samples, as they were at a moment. */
    private record Curve(long[] latencies, long nanos) {}

    LatencyWindow(Ticker ticker) {
        this.ticker = ticker;
        this.slices = new Slices(SLOTS, SLOT_NANOS, ticker, this::renew);
    }

    private void renew(int slot) {
        Histogram old = slots.get(slot);
        if (old != null) {
            old.reset();
        }
    }

    /** Adds a sample of this moment. */
    void record(long nanos, long now) {
        int slot = slices.slot(now);
        Histogram histogram = slots.get(slot);
        if (histogram == null) {
            histogram = fill(slot);
        }
        histogram.recordValue(Math.max(0, Math.min(nanos, HIGHEST_NANOS)));
    }

    private Histogram fill(int slot) {
        Histogram made = new AtomicHistogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);
        Histogram before = slots.compareAndExchange(slot, null, made);
        return before == null ? made : before;
    }

    /**
     * The latency in nanoseconds that a share of the samples did not exceed; -1 with fewer than 100 samples.
     *
     * @param percentile from 0 to 100, kept to a tenth
     */
    long percentile(double percentile) {
        Curve known = curve;
        if (known == null ? samples() >= LEAST_SAMPLES : ticker.nanos() - known.nanos >= FRESH_NANOS) {
            known = refresh(known);
        }
        return known == null ? -1 : known.latencies[(int) Math.round(percentile * STEPS / 100)];
    }

    private long samples() {
        slices.slot();
        long samples = 0;
        for (int i = 0; i < SLOTS; i++) {
            Histogram histogram = slots.get(i);
            samples += histogram == null ? 0 : histogram.getTotalCount();
        }
        return samples;
    }

    /** One works it out; the others go on with what is known. */
    private @Nullable Curve refresh(@Nullable Curve known) {
        if (!merging.compareAndSet(false, true)) {
            return known;
        }
        try {
            Curve fresh = merged();
            curve = fresh;
            return fresh;
        } finally {
            merging.set(false);
        }
    }

    private @Nullable Curve merged() {
        slices.slot();
        Histogram all = new Histogram(LOWEST_NANOS, HIGHEST_NANOS, DIGITS);
        for (int i = 0; i < SLOTS; i++) {
            Histogram histogram = slots.get(i);
            if (histogram != null) {
                all.add(histogram);
            }
        }
        return all.getTotalCount() < LEAST_SAMPLES ? null : new Curve(latencies(all), ticker.nanos());
    }

    private static long[] latencies(Histogram all) {
        long[] latencies = new long[STEPS + 1];
        int step = 0;
        for (HistogramIterationValue value : all.recordedValues()) {
            long reached = value.getTotalCountToThisValue() * STEPS / all.getTotalCount();
            Arrays.fill(latencies, step, (int) reached + 1, value.getValueIteratedTo());
            step = (int) reached + 1;
        }
        return latencies;
    }
}
