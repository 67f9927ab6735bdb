package io.foretell.scorecard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What lives on the heap in the course of a load: the slope of it tells a leak. Not thread-safe. */
final class Heap {
    private static final double MEBIBYTE = 1 << 20;
    private static final double BAR_MEBIBYTES = 1;
    private static final Duration BAR_TIME = Duration.ofMinutes(10);

    private record Sample(double minutes, double mebibytes) {}

    private final List<Sample> samples = new ArrayList<>();
    private final long start = System.nanoTime();

    /** Collects garbage and notes what is left. */
    void sample() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        samples.add(new Sample(
                (System.nanoTime() - start) / 60e9, (runtime.totalMemory() - runtime.freeMemory()) / MEBIBYTE));
    }

    /** Enters the slope into the row, where there are samples: that of their second half, when all is warm. */
    void report(Row row) {
        if (samples.isEmpty()) {
            return;
        }
        double slope = slope(samples.subList(samples.size() / 2, samples.size())) * BAR_TIME.toMinutes();
        row.within("heap's slope in 10 min, MiB", BAR_MEBIBYTES, slope);
    }

    /** By least squares. */
    private static double slope(List<Sample> samples) {
        double meanX = samples.stream().mapToDouble(Sample::minutes).average().orElseThrow();
        double meanY = samples.stream().mapToDouble(Sample::mebibytes).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (Sample each : samples) {
            products += (each.minutes() - meanX) * (each.mebibytes() - meanY);
            squares += (each.minutes() - meanX) * (each.minutes() - meanX);
        }
        return products / squares;
    }
}
