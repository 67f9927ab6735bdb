package io.foretell.samples.quickstart;

import io.foretell.Predictor;
import io.foretell.error.InferenceException;
import io.foretell.metrics.LatencyRecorder;
import java.util.List;

/** Calls a predictor with one input after the other. */
final class Load {
    private static final int WARM_UP_ROUNDS = 10;
    private static final int ROUNDS = 25;

    private Load() {}

    /** Leaves in the recorder what happened after the warm-up. */
    static <I> void run(Predictor<I, ?> predictor, List<I> inputs, LatencyRecorder times) {
        rounds(WARM_UP_ROUNDS, predictor, inputs);
        times.reset();
        rounds(ROUNDS, predictor, inputs);
    }

    private static <I> void rounds(int rounds, Predictor<I, ?> predictor, List<I> inputs) {
        for (int round = 0; round < rounds; round++) {
            for (I input : inputs) {
                try {
                    predictor.predict(input);
                } catch (InferenceException e) {
                    System.err.println(e.getMessage()); // and counted by the recorder
                }
            }
        }
    }
}
