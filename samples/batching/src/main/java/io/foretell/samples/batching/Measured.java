package io.foretell.samples.batching;

import io.foretell.Predictor;
import io.foretell.event.Phase;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import java.util.Locale;

/** What came of a load. */
record Measured(LatencySnapshot times, double seconds) {
    /** Over the columns of {@link #toString()}. */
    static final String HEADER = "calls/s   p50 ms   p95 ms  mean size";

    /** @param recorder one of the predictor's listeners */
    static Measured of(Load load, Predictor<Reading, Wear> predictor, LatencyRecorder recorder)
            throws InterruptedException {
        recorder.reset();
        long begin = System.nanoTime();
        load.run(predictor);
        return new Measured(recorder.snapshot(), (System.nanoTime() - begin) / 1e9);
    }

    private double millis(double percentile) {
        return times.percentile(Phase.CALL, percentile).toNanos() / 1e6;
    }

    @Override
    public String toString() {
        double meanSize = (double) times.calls() / times.requests();
        return String.format(
                Locale.ROOT, "%7.0f %8.1f %8.1f %10.1f", times.successes() / seconds, millis(50), millis(95), meanSize);
    }
}
