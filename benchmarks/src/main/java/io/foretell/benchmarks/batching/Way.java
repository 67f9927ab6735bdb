package io.foretell.benchmarks.batching;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.policy.BatchPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A way to ask a {@link Server}, which is its own and closed with it. */
record Way(Server server, Function<float[], CompletableFuture<float[]>> model, Runnable closing)
        implements AutoCloseable {
    private static final Duration QUEUE_LINGER = Duration.ofMillis(2);

    /**
     * Sends what is there at every tick, however much is under way: at ticks of 2 ms small batches would swamp the server.
     * These are about as long as a full batch takes.
     */
    private static final Duration GAX_DELAY = Duration.ofMillis(15);

    static Way predictor(Server server, BatchPolicy batching) {
        Predictor<float[], float[]> predictor = Predictor.builder(
                        TensorCodecs.arrays("x", float[].class, "x", float[].class))
                .transport(new ServerTransport(server))
                .batching(batching)
                .build();
        return new Way(server, predictor::predictAsync, predictor::close);
    }

    static Way foretell(Server server) {
        return predictor(server, BatchPolicy.ofSize(Server.MAX_ITEMS));
    }

    static Way unbatched(Server server) {
        return predictor(server, BatchPolicy.none());
    }

    static Way queue(Server server) {
        QueueBatcher<float[]> batcher =
                new QueueBatcher<>(Server.MAX_ITEMS, QUEUE_LINGER, inputs -> echo(server, inputs));
        return new Way(server, batcher::submit, batcher::close);
    }

    static Way gax(Server server) {
        GaxBatcher<float[]> batcher = new GaxBatcher<>(Server.MAX_ITEMS, GAX_DELAY, inputs -> echo(server, inputs));
        return new Way(server, batcher::ask, batcher::close);
    }

    private static CompletableFuture<List<float[]>> echo(Server server, List<float[]> inputs) {
        return server.serve(inputs.size()).thenApply(nothing -> inputs);
    }

    /** Fails where the answer is not the input's own. */
    CompletableFuture<Void> ask(int number) {
        float[] input = {number};
        return model.apply(input).thenAccept(answer -> {
            if (answer.length != 1 || answer[0] != input[0]) {
                throw new IllegalStateException("input " + number + " was answered by another's result");
            }
        });
    }

    @Override
    public void close() {
        closing.run();
        server.close();
    }
}
