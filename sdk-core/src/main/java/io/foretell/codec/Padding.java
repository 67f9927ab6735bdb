package io.foretell.codec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * How inputs of different lengths share a batch, and which sizes a batch may have; for {@link TensorCodecs#padded}.
 * Immutable.
 *
 * <p>The length of a tensor is the first dimension of what one input makes of it, such as the tokens of a text. The
 * tensors named here are filled at their ends to the longest of the batch, or from there to the next of the allowed
 * lengths. What tells padding from content, such as an attention mask, is one more tensor that is padded with 0.
 */
public final class Padding {
    private final Map<String, Double> inputs;
    private final NavigableSet<Integer> lengths;
    private final NavigableSet<Integer> batchSizes;
    private final Set<String> cutOutputs;

    private Padding(Builder builder) {
        this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(builder.inputs));
        this.lengths = builder.lengths;
        this.batchSizes = builder.batchSizes;
        this.cutOutputs = builder.cutOutputs;
    }

    /**
     * Tensors padded with 0 to the longest of the batch.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Padding of(String... inputs) {
        Builder builder = builder();
        for (String input : inputs) {
            builder.input(input, 0);
        }
        return builder.build();
    }

    /** Starts from no padding. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from this padding. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** The padded tensors and the value of each. */
    public Map<String, Double> inputs() {
        return inputs;
    }

    /** The allowed lengths in ascending order; empty where any will do. */
    public List<Integer> lengths() {
        return List.copyOf(lengths);
    }

    /** The allowed batch sizes in ascending order; empty where any will do. */
    public List<Integer> batchSizes() {
        return List.copyOf(batchSizes);
    }

    /** The outputs that are cut to the length of their input. */
    public Set<String> cutOutputs() {
        return cutOutputs;
    }

    double value(String input) {
        return inputs.getOrDefault(input, 0.0);
    }

    /** The length to which the longest of a batch is padded. */
    int lengthFor(long longest) {
        return roundUp(Math.toIntExact(longest), lengths, "an input of length ");
    }

    /** How many rows a batch is sent with. */
    int rowsFor(int count) {
        return roundUp(count, batchSizes, "a batch of size ");
    }

    private static int roundUp(int value, NavigableSet<Integer> allowed, String what) {
        if (allowed.isEmpty()) {
            return value;
        }
        Integer next = allowed.ceiling(value);
        if (next == null) {
            throw CodecFaults.encoding(what + value + " exceeds the largest allowed, " + allowed.last());
        }
        return next;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        StringBuilder words = new StringBuilder();
        if (!inputs.isEmpty()) {
            words.append("pad ").append(inputs).append(" to ").append(lengths.isEmpty() ? "the longest" : lengths);
        }
        if (!batchSizes.isEmpty()) {
            words.append(words.isEmpty() ? "" : ", ").append("batches of ").append(batchSizes);
        }
        return cutOutputs.isEmpty() ? words.toString() : words + ", cut " + cutOutputs;
    }

    /** Builds a {@link Padding}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, Double> inputs = new LinkedHashMap<>();
        private NavigableSet<Integer> lengths = Collections.emptyNavigableSet();
        private NavigableSet<Integer> batchSizes = Collections.emptyNavigableSet();
        private Set<String> cutOutputs = Set.of();

        private Builder() {}

        private Builder(Padding origin) {
            this.inputs.putAll(origin.inputs);
            this.lengths = origin.lengths;
            this.batchSizes = origin.batchSizes;
            this.cutOutputs = origin.cutOutputs;
        }

        /** A tensor padded with 0: false for BOOL, the empty text for STRING. */
        public Builder input(String name) {
            return input(name, 0);
        }

        /**
         * A tensor padded with a value. It must fit the dtype, else the calls fail: STRING and complex dtypes take 0
         * alone, BOOL takes 0 and 1.
         */
        public Builder input(String name, double value) {
            inputs.put(name, value);
            return this;
        }

        /**
         * The allowed lengths, such as 16, 32, 64, 128; default any. An input longer than the largest is refused with a
         * {@link io.foretell.error.CodecException}.
         */
        public Builder lengths(int... lengths) {
            this.lengths = sizes(lengths, "lengths");
            return this;
        }

        /**
         * The allowed batch sizes, such as 1, 8, 32; default any. Missing rows are filled with copies of the first
         * input, whose answers nobody sees. A batch larger than the largest is refused, and so split by the predictor.
         */
        public Builder batchSizes(int... batchSizes) {
            this.batchSizes = sizes(batchSizes, "batchSizes");
            return this;
        }

        /** The outputs with a value for each place of the input, which lose those of the padding; default none. */
        public Builder cutOutputs(String... cutOutputs) {
            this.cutOutputs = Set.of(cutOutputs);
            return this;
        }

        private static NavigableSet<Integer> sizes(int[] values, String name) {
            NavigableSet<Integer> sizes = new TreeSet<>();
            for (int value : values) {
                if (value < 1) {
                    throw new IllegalArgumentException(name + " < 1: " + value);
                }
                sizes.add(value);
            }
            return Collections.unmodifiableNavigableSet(sizes);
        }

        /**
         * The padding.
         *
         * @throws IllegalArgumentException if there is nothing to pad, neither inputs nor batches, or lengths or cut
         *     outputs are given without inputs
         */
        public Padding build() {
            if (inputs.isEmpty() && batchSizes.isEmpty()) {
                throw new IllegalArgumentException("nothing to pad: neither inputs nor batchSizes are given");
            }
            if (inputs.isEmpty() && !(lengths.isEmpty() && cutOutputs.isEmpty())) {
                throw new IllegalArgumentException("lengths or cutOutputs without inputs");
            }
            return new Padding(this);
        }
    }
}
