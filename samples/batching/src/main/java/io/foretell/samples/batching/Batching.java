package io.foretell.samples.batching;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.event.CallListener;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import io.foretell.testing.TensorFlowServingSandbox;
import java.time.Duration;
import java.util.List;

/**
 * Three questions about batching, and a server in this JVM that answers them: one whose device works on two batches at
 * once and takes 5 ms for a batch and 0.3 ms more for each item in it. {@code ./mvnw -q -Prest,batching} runs it, in half a
 * minute; it needs a JDK and nothing else.
 *
 * <p><b>How do I batch across request threads?</b> By one line where the predictor is built, {@code
 * .batching(BatchPolicy.ofSize(64))}; all threads share the predictor, and their calls stay as they are. {@link
 * AcrossThreads} shows how the batches grow with the number of threads, and that a single thread waits for nobody.
 *
 * <p><b>How do I choose linger and size?</b> In this order. <em>Slots</em> ({@code maxInFlight}): as many as the server
 * works on at once; more only take items from the next batch, to wait at the server. <em>Size</em> ({@code maxItems}):
 * the largest that the server takes within the time you allow; a batch is that large only where as many callers wait. Or
 * tell that time ({@code latencyObjective}), and both are found. <em>Linger</em>: none, unless requests are what you pay
 * for and calls come slowly, for it is added to their latency. {@link ChoosingSettings} measures such choices side by
 * side.
 *
 * <p><b>What happens to one bad input?</b> It fails alone. Where the server refuses the whole batch and does not say for
 * which item, the batch is divided until that item is found; {@link OneBadInput} counts the requests.
 */
public final class Batching {
    private Batching() {}

    /** Answers the three questions. */
    public static void main(String[] args) throws InterruptedException {
        try (TensorFlowServingSandbox server = server()) {
            AcrossThreads.run(server, Duration.ofSeconds(1));
            ChoosingSettings.run(server, Duration.ofMillis(1_500));
            OneBadInput.run(server);
        }
    }

    static TensorFlowServingSandbox server() {
        return TensorFlowServingSandbox.builder()
                .model("wear", 1, new WearModel())
                .start();
    }

    static Predictor<Reading, Wear> predictor(
            TensorFlowServingSandbox server, BatchPolicy policy, CallListener... listeners) {
        PredictorBuilder<Reading, Wear> builder = Predictor.builder(TensorCodecs.records(Reading.class, Wear.class))
                .transport(TensorFlowServing.to(server.target())
                        .model("wear")
                        .allowPlaintext()
                        .build())
                .batching(policy);
        List.of(listeners).forEach(builder::listener);
        return builder.build();
    }
}
