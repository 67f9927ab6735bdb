package io.foretell.samples.batching;

import io.foretell.BatchSnapshot;
import io.foretell.Predictor;
import io.foretell.event.BatchEvent.Reason;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import io.foretell.testing.TensorFlowServingSandbox;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One predictor, called by one thread, by many, and by one again. While a batch is on its way the calls that come gather
 * for the next, so batches are as large as the load makes them, and a thread that is alone waits for no company.
 */
final class AcrossThreads {
    private static final int[] THREADS = {1, 2, 8, 64, 256, 8, 1};

    private AcrossThreads() {}

    /** @param time for each number of threads */
    static void run(TensorFlowServingSandbox server, Duration time) throws InterruptedException {
        LatencyRecorder recorder = new LatencyRecorder();
        BatchPolicy policy = BatchPolicy.ofSize(64);
        try (Predictor<Reading, Wear> predictor = Batching.predictor(server, policy, recorder)) {
            System.out.printf("Calls of more and more threads, in %s%n", policy);
            System.out.printf("threads | %s | batches  why they left%n", Measured.HEADER);
            predictor.predict(Load.READING); // the first connects
            for (int threads : THREADS) {
                BatchSnapshot before = predictor.batches();
                Measured measured = Measured.of(Load.ofThreads(threads, time), predictor, recorder);
                System.out.printf("%7d | %s | %s%n", threads, measured, batches(before, predictor.batches()));
            }
        }
    }

    private static String batches(BatchSnapshot from, BatchSnapshot to) {
        return String.format("%7d  %s", to.batches() - from.batches(), reasons(from, to));
    }

    private static String reasons(BatchSnapshot from, BatchSnapshot to) {
        return Arrays.stream(Reason.values())
                .filter(reason -> to.batches(reason) > from.batches(reason))
                .map(reason -> reason + " " + (to.batches(reason) - from.batches(reason)))
                .collect(Collectors.joining(", "));
    }
}
