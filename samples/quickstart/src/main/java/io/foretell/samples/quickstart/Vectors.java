package io.foretell.samples.quickstart;

import java.util.List;

/** A little arithmetic on vectors of length 1. */
final class Vectors {
    private Vectors() {}

    /** The index of the candidate nearest to a vector. */
    static int nearest(float[] vector, List<float[]> candidates) {
        int best = 0;
        for (int i = 1; i < candidates.size(); i++) {
            if (similarity(vector, candidates.get(i)) > similarity(vector, candidates.get(best))) {
                best = i;
            }
        }
        return best;
    }

    /** The cosine of the angle between two. */
    static double similarity(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** The largest difference between two numbers of the same place. */
    static double largestDifference(List<float[]> some, List<float[]> others) {
        double largest = 0;
        for (int i = 0; i < some.size(); i++) {
            for (int j = 0; j < some.get(i).length; j++) {
                largest = Math.max(largest, Math.abs((double) some.get(i)[j] - others.get(i)[j]));
            }
        }
        return largest;
    }
}
