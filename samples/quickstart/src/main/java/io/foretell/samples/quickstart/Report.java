package io.foretell.samples.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.foretell.event.Phase;
import io.foretell.metrics.LatencySnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Collects what the demo found, prints it, and writes the same figures as JSON. Not thread-safe. */
final class Report {
    private static final List<Phase> PHASES =
            List.of(Phase.ENCODE, Phase.SEND, Phase.WAIT, Phase.RECEIVE, Phase.DECODE);

    private static final double ROUNDING = 1e-6;

    private record Answer(String question, String nearest, double similarity) {}

    private record Latency(
            String transport,
            long calls,
            long errors,
            double p50Millis,
            double p95Millis,
            double p99Millis,
            Map<String, Double> phaseP50Millis) {}

    private record Batching(
            String transport,
            boolean batching,
            long calls,
            long errors,
            double callsPerSecond,
            double p50Millis,
            double p95Millis,
            double meanBatchSize) {}

    private final List<Answer> answers = new ArrayList<>();
    private final List<Latency> latencies = new ArrayList<>();
    private final List<Batching> batchings = new ArrayList<>();
    private double largestDifference;

    void answer(String question, String nearest, double similarity) {
        answers.add(new Answer(question, nearest, similarity));
    }

    void largestDifference(double difference) {
        largestDifference = difference;
    }

    void latency(String transport, LatencySnapshot times) {
        Map<String, Double> phases = new LinkedHashMap<>();
        PHASES.forEach(phase -> phases.put(name(phase), millis(times.percentile(phase, 50))));
        latencies.add(new Latency(
                transport,
                times.calls(),
                times.errors(),
                millis(times.percentile(Phase.CALL, 50)),
                millis(times.percentile(Phase.CALL, 95)),
                millis(times.percentile(Phase.CALL, 99)),
                phases));
    }

    /** Of one transport, first without batching, then with it. */
    void batching(String transport, boolean on, Duration time, LatencySnapshot times) {
        batchings.add(new Batching(
                transport,
                on,
                times.calls(),
                times.errors(),
                times.successes() * 1e9 / time.toNanos(),
                millis(times.percentile(Phase.CALL, 50)),
                millis(times.percentile(Phase.CALL, 95)),
                (double) times.calls() / times.requests()));
    }

    private static String name(Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT);
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1_000 / 1e3;
    }

    /** Whether no call failed and both transports gave the same vectors, but for rounding. */
    boolean isGood() {
        return largestDifference <= ROUNDING
                && latencies.stream().allMatch(each -> each.errors() == 0)
                && batchings.stream().allMatch(each -> each.errors() == 0);
    }

    void print() {
        for (Answer answer : answers) {
            print("%n%s%n  -> %s (%.2f)%n", answer.question(), answer.nearest(), answer.similarity());
        }
        print("%nLargest difference between the vectors of the two transports: %.1e%n", largestDifference);
        print("%nLatency in milliseconds, one call at a time; on the right the median of each phase%n");
        print("%-26s %6s %6s %8s %8s %8s  |", "", "calls", "errors", "p50", "p95", "p99");
        PHASES.forEach(phase -> print(" %8s", name(phase)));
        latencies.forEach(Report::print);
        print(
                "%n%nShort sentences from %d threads, batching off and on; latency in milliseconds%n",
                Quickstart.THREADS);
        print(
                "%-26s %8s %6s %6s %8s %8s %8s  | %9s",
                "", "batching", "calls", "errors", "calls/s", "p50", "p95", "mean size");
        batchings.forEach(Report::print);
        print("%n");
    }

    private static void print(Latency latency) {
        print("%n%-26s %6d %6d", latency.transport(), latency.calls(), latency.errors());
        print(" %8.3f %8.3f %8.3f  |", latency.p50Millis(), latency.p95Millis(), latency.p99Millis());
        latency.phaseP50Millis().values().forEach(millis -> print(" %8.3f", millis));
    }

    private static void print(Batching batching) {
        print("%n%-26s %8s", batching.transport(), batching.batching() ? "on" : "off");
        print(" %6d %6d %8.0f", batching.calls(), batching.errors(), batching.callsPerSecond());
        print(" %8.3f %8.3f", batching.p50Millis(), batching.p95Millis());
        print("  | %9.1f", batching.meanBatchSize());
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    void write(Path file) throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("answers", answers);
        content.put("largestDifference", largestDifference);
        content.put("latencies", latencies);
        content.put("batching", batchings);
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), content);
    }
}
