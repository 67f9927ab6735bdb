package io.foretell.samples.batching;

import io.foretell.Predictor;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import io.foretell.testing.TensorFlowServingSandbox;
import java.time.Duration;
import java.util.List;

/** What settings do to latency and throughput, where calls are many and where they are few. */
final class ChoosingSettings {
    /** Settings, and what stands for them in the table. */
    record Choice(String name, BatchPolicy policy) {
        static Choice of(int size, int slots, Duration linger) {
            String name = "size " + size + ", slots " + slots;
            return new Choice(
                    linger.isZero() ? name : name + ", linger " + linger.toMillis() + " ms",
                    BatchPolicy.builder()
                            .maxItems(size)
                            .maxInFlight(slots)
                            .linger(linger)
                            .build());
        }
    }

    private static final Choice OFF = new Choice("no batching", BatchPolicy.none());

    static final List<Choice> FOR_MANY_CALLS = List.of(
            OFF,
            Choice.of(8, 2, Duration.ZERO),
            Choice.of(64, 1, Duration.ZERO),
            Choice.of(64, 2, Duration.ZERO),
            Choice.of(64, 8, Duration.ZERO),
            Choice.of(64, 2, Duration.ofMillis(10)),
            new Choice(
                    "adapted to 30 ms",
                    BatchPolicy.builder()
                            .maxInFlight(8)
                            .latencyObjective(Duration.ofMillis(30))
                            .build()));

    static final List<Choice> FOR_FEW_CALLS =
            List.of(OFF, Choice.of(64, 2, Duration.ZERO), Choice.of(64, 2, Duration.ofMillis(10)));

    private ChoosingSettings() {}

    /** @param time for each choice */
    static void run(TensorFlowServingSandbox server, Duration time) throws InterruptedException {
        System.out.println("\nSettings, on a server that takes 5 ms a batch + 0.3 ms an item, two batches at once");
        table("64 threads", server, FOR_MANY_CALLS, Load.ofThreads(64, time));
        table("200 calls a second", server, FOR_FEW_CALLS, Load.ofRate(200, time));
    }

    private static void table(String title, TensorFlowServingSandbox server, List<Choice> choices, Load load)
            throws InterruptedException {
        System.out.printf("%-32s | %s%n", title, Measured.HEADER);
        for (Choice choice : choices) {
            System.out.printf("  %-30s | %s%n", choice.name(), measure(server, choice.policy(), load));
        }
    }

    static Measured measure(TensorFlowServingSandbox server, BatchPolicy policy, Load load)
            throws InterruptedException {
        LatencyRecorder recorder = new LatencyRecorder();
        try (Predictor<Reading, Wear> predictor = Batching.predictor(server, policy, recorder)) {
            predictor.predict(Load.READING); // the first connects
            return Measured.of(load, predictor, recorder);
        }
    }
}
