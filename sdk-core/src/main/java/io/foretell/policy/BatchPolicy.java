package io.foretell.policy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * How calls join into requests. Immutable. Off by default: batching trades the latency of one call for the throughput of
 * many.
 *
 * <p>Calls whose inputs have equal {@linkplain io.foretell.codec.Codec#batchKey keys}, and equal options but for the
 * timeout, gather in one queue, in order. A batch leaves as soon as one of that queue's <em>slots</em> is free; so an idle
 * client waits for nothing, and a busy one sends what has gathered meanwhile. With a {@link Builder#linger linger} a batch
 * that is not full waits for company first.
 *
 * <p>What one call does to a batch stays with that call: cancelled or expired it leaves; a batch that the model refuses
 * for its input is divided until the call at fault is alone; one that is too large is halved, and its size remembered.
 */
public final class BatchPolicy {
    /** What happens to a call when the queues are full. */
    public enum WhenFull {
        /** It fails at once with a {@link io.foretell.error.RejectedException}. */
        REJECT,
        /** It waits outside the queues, without a thread, until there is room or its deadline comes. */
        WAIT,
        /** The call that has waited longest fails with a {@link io.foretell.error.RejectedException}, and makes room. */
        SHED_OLDEST
    }

    private static final BatchPolicy NONE = builder().maxItems(1).build();

    private final int maxItems;
    private final long maxBytes;
    private final Duration linger;
    private final int maxInFlight;
    private final int maxQueuedItems;
    private final long maxQueuedBytes;
    private final WhenFull whenFull;
    private final int maxBisections;
    private final @Nullable Duration latencyObjective;
    private final List<Integer> lengthBuckets;
    private final boolean preserveOrder;

    private BatchPolicy(Builder builder) {
        this.maxItems = builder.maxItems;
        this.maxBytes = builder.maxBytes;
        this.linger = builder.linger;
        this.maxInFlight = builder.maxInFlight;
        this.maxQueuedItems = builder.maxQueuedItems;
        this.maxQueuedBytes = builder.maxQueuedBytes;
        this.whenFull = builder.whenFull;
        this.maxBisections = builder.maxBisections;
        this.latencyObjective = builder.latencyObjective;
        this.lengthBuckets = builder.lengthBuckets;
        this.preserveOrder = builder.preserveOrder;
    }

    /** No batching: every call goes at once, in a request of its own. */
    public static BatchPolicy none() {
        return NONE;
    }

    /** At most so many calls in a request, and the defaults for the rest. */
    public static BatchPolicy ofSize(int maxItems) {
        return builder().maxItems(maxItems).build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from this policy. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Whether calls are batched at all: not by {@link #none}. A size of 1 also sends them one after the other. */
    public boolean enabled() {
        return this != NONE;
    }

    /** How many calls a batch holds at most. */
    public int maxItems() {
        return maxItems;
    }

    /** How many bytes of input a batch holds at most. */
    public long maxBytes() {
        return maxBytes;
    }

    /** The longest wait of a batch's first call for company. */
    public Duration linger() {
        return linger;
    }

    /** How many slots a queue has: the requests that may be in flight for it at once. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /** How many calls all queues hold at most. */
    public int maxQueuedItems() {
        return maxQueuedItems;
    }

    /** How many bytes of input all queues hold at most. */
    public long maxQueuedBytes() {
        return maxQueuedBytes;
    }

    /** What happens to a call when the queues are full. */
    public WhenFull whenFull() {
        return whenFull;
    }

    /** How many times a batch may be divided to find the inputs that the model refuses. */
    public int maxBisections() {
        return maxBisections;
    }

    /** How long a batch may take, which its size and the slots in use are adapted to; null where both are fixed. */
    public @Nullable Duration latencyObjective() {
        return latencyObjective;
    }

    /** The lengths up to which inputs may share a batch, ascending; empty where all may. */
    public List<Integer> lengthBuckets() {
        return lengthBuckets;
    }

    /** Whether calls of one queue end in the order in which they came. */
    public boolean preserveOrder() {
        return preserveOrder;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        if (!enabled()) {
            return "no batching";
        }
        StringJoiner words = new StringJoiner(", ", "batches of at most " + maxItems + " (", ")");
        words.add(Words.bytes(maxBytes));
        words.add(linger.isZero() ? "no linger" : "linger " + Words.of(linger));
        words.add(maxInFlight + " in flight");
        if (latencyObjective != null) {
            words.add("adapted to " + Words.of(latencyObjective));
        }
        if (!lengthBuckets.isEmpty()) {
            words.add("lengths up to " + lengthBuckets);
        }
        if (preserveOrder) {
            words.add("in order");
        }
        return words.add(maxQueuedItems + " queued, then " + whenFull).toString();
    }

    /** Builds a {@link BatchPolicy}. Not thread-safe. */
    public static final class Builder {
        private int maxItems = 64;
        private long maxBytes = 4 * 1024 * 1024;
        private Duration linger = Duration.ZERO;
        private int maxInFlight = 1;
        private int maxQueuedItems = 10_000;
        private long maxQueuedBytes = 64 * 1024 * 1024;
        private WhenFull whenFull = WhenFull.REJECT;
        private int maxBisections = 16;
        private @Nullable Duration latencyObjective;
        private List<Integer> lengthBuckets = List.of();
        private boolean preserveOrder;

        private Builder() {}

        private Builder(BatchPolicy origin) {
            this.maxItems = origin.maxItems;
            this.maxBytes = origin.maxBytes;
            this.linger = origin.linger;
            this.maxInFlight = origin.maxInFlight;
            this.maxQueuedItems = origin.maxQueuedItems;
            this.maxQueuedBytes = origin.maxQueuedBytes;
            this.whenFull = origin.whenFull;
            this.maxBisections = origin.maxBisections;
            this.latencyObjective = origin.latencyObjective;
            this.lengthBuckets = origin.lengthBuckets;
            this.preserveOrder = origin.preserveOrder;
        }

        /** The limit of calls in a batch, and the trigger that ends a linger; default 64. */
        public Builder maxItems(int maxItems) {
            this.maxItems = Checks.atLeast(1, maxItems, "maxItems");
            return this;
        }

        /**
         * The limit of a batch's bytes, as {@link io.foretell.codec.Codec#sizeOf} counts them, and the trigger that ends
         * a linger; default 4 MiB. A single input that is larger goes alone.
         */
        public Builder maxBytes(long maxBytes) {
            this.maxBytes = Checks.atLeast(1, maxBytes, "maxBytes");
            return this;
        }

        /**
         * The longest wait of a batch's first call for company while a slot is free; default zero. Useful where calls
         * come slowly and a request costs much. A batch leaves earlier where a call's deadline needs it.
         */
        public Builder linger(Duration linger) {
            if (Objects.requireNonNull(linger, "linger").isNegative()) {
                throw new IllegalArgumentException("linger negative: " + linger);
            }
            this.linger = linger;
            return this;
        }

        /** The slots of each queue; default 1. More help a server that works on several batches at once. */
        public Builder maxInFlight(int maxInFlight) {
            this.maxInFlight = Checks.atLeast(1, maxInFlight, "maxInFlight");
            return this;
        }

        /** The limit of calls in all queues; default 10,000. */
        public Builder maxQueuedItems(int maxQueuedItems) {
            this.maxQueuedItems = Checks.atLeast(1, maxQueuedItems, "maxQueuedItems");
            return this;
        }

        /** The limit of bytes in all queues; default 64 MiB. A single larger input is let in where nothing waits. */
        public Builder maxQueuedBytes(long maxQueuedBytes) {
            this.maxQueuedBytes = Checks.atLeast(1, maxQueuedBytes, "maxQueuedBytes");
            return this;
        }

        /** What happens to a call when the queues are full; default {@link WhenFull#REJECT}. */
        public Builder whenFull(WhenFull whenFull) {
            this.whenFull = Objects.requireNonNull(whenFull, "whenFull");
            return this;
        }

        /**
         * How many times a batch that the model refuses for its input may be divided; default 16, which finds one input
         * at fault among many thousands. Each division sends two requests, of which the retry budget pays one. 0: all
         * calls of such a batch fail with its error.
         */
        public Builder maxBisections(int maxBisections) {
            this.maxBisections = Checks.atLeast(0, maxBisections, "maxBisections");
            return this;
        }

        /**
         * How long a batch may take from leaving to its answer; default null. Where set, the batch size and the number of
         * slots in use start at 1 and move below their limits: up while full batches keep the time, down by a tenth when
         * they come near it.
         *
         * @throws IllegalArgumentException if it is less than 1 ms
         */
        public Builder latencyObjective(@Nullable Duration latencyObjective) {
            this.latencyObjective =
                    latencyObjective == null ? null : Checks.millis(latencyObjective, "latencyObjective");
            return this;
        }

        /**
         * Lengths up to which inputs may share a batch, ascending; default none, so that all may. With 16 and 64, inputs
         * of at most 16 go together, those of 17 to 64, and all longer ones. Useful where the codec pads.
         *
         * @throws IllegalArgumentException if they do not ascend
         */
        public Builder lengthBuckets(int... lengthBuckets) {
            for (int i = 1; i < lengthBuckets.length; i++) {
                if (lengthBuckets[i] <= lengthBuckets[i - 1]) {
                    throw new IllegalArgumentException(
                            "lengthBuckets do not ascend: " + Arrays.toString(lengthBuckets));
                }
            }
            this.lengthBuckets = Arrays.stream(lengthBuckets).boxed().toList();
            return this;
        }

        /**
         * Whether the calls of one queue end in the order in which they came, but for those that are cancelled or expire;
         * default false. The next batch is then sent only when the calls of the last have ended.
         */
        public Builder preserveOrder(boolean preserveOrder) {
            this.preserveOrder = preserveOrder;
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if the order is to be preserved with more than one batch in flight
         */
        public BatchPolicy build() {
            if (preserveOrder && maxInFlight > 1) {
                throw new IllegalArgumentException("preserveOrder needs maxInFlight 1: " + maxInFlight);
            }
            return new BatchPolicy(this);
        }
    }
}
