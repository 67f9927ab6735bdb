package io.foretell.samples.models;

import java.nio.FloatBuffer;

/** From a vector for each token to one for each sentence, as the sentence-transformers do it. */
final class MeanPooling {
    private MeanPooling() {}

    /**
     * The mean of the unmasked tokens' vectors, scaled to length 1; zeros for a sentence without tokens.
     *
     * @param states [sentences, tokens, width]
     * @param mask [sentences, tokens], zero for padding
     * @return [sentences, width]
     */
    static float[] pool(FloatBuffer states, long[] mask, int sentences, int tokens, int width) {
        float[] pooled = new float[sentences * width];
        double[] sum = new double[width];
        for (int sentence = 0; sentence < sentences; sentence++) {
            java.util.Arrays.fill(sum, 0);
            for (int token = sentence * tokens; token < (sentence + 1) * tokens; token++) {
                if (mask[token] != 0) {
                    for (int i = 0; i < width; i++) {
                        sum[i] += states.get(token * width + i);
                    }
                }
            }
            normalize(sum, pooled, sentence * width);
        }
        return pooled;
    }

    /** The mean differs from the sum only in length, which is lost here. */
    private static void normalize(double[] sum, float[] target, int offset) {
        double squares = 0;
        for (double value : sum) {
            squares += value * value;
        }
        double length = Math.max(Math.sqrt(squares), Double.MIN_NORMAL);
        for (int i = 0; i < sum.length; i++) {
            target[offset + i] = (float) (sum[i] / length);
        }
    }
}
