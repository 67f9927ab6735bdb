package io.foretell.samples.batching;

import io.foretell.Predictor;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import io.foretell.testing.TensorFlowServingSandbox;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** One input among 64 that the server refuses, together with all that came in the same request. */
final class OneBadInput {
    private static final int CALLS = 64;
    private static final int BAD = 37;

    /** A long linger and a size of 64: the 64th call makes them leave, as one batch. */
    static final BatchPolicy ONE_BATCH =
            BatchPolicy.builder().maxItems(CALLS).linger(Duration.ofMinutes(1)).build();

    private OneBadInput() {}

    static void run(TensorFlowServingSandbox server) {
        System.out.printf("%nOne bad input among %d calls in one batch%n", CALLS);
        System.out.println("                   | answered  failed  requests");
        print("as it comes", server, ONE_BATCH);
        print("maxBisections(0)", server, ONE_BATCH.toBuilder().maxBisections(0).build());
    }

    private static void print(String name, TensorFlowServingSandbox server, BatchPolicy policy) {
        long before = server.requestCount();
        List<CompletableFuture<Wear>> results = call(server, policy);
        long requests = server.requestCount() - before;
        long failed = results.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .count();
        System.out.printf("  %-16s | %8d %7d %9d%n", name, CALLS - failed, failed, requests);
    }

    /** What becomes of each call, in the order of {@link #readings()}. */
    static List<CompletableFuture<Wear>> call(TensorFlowServingSandbox server, BatchPolicy policy) {
        try (Predictor<Reading, Wear> predictor = Batching.predictor(server, policy)) {
            List<CompletableFuture<Wear>> results =
                    readings().stream().map(predictor::predictAsync).toList();
            predictor.flush().join(); // when it completes all have ended
            return results;
        }
    }

    static List<Reading> readings() {
        return IntStream.range(0, CALLS)
                .mapToObj(i -> new Reading(i == BAD ? Float.NaN : i, 8))
                .toList();
    }
}
