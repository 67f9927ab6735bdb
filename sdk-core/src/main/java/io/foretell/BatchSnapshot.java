package io.foretell;

import io.foretell.event.BatchEvent.Reason;
import io.foretell.internal.batch.Batcher;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a predictor's batching has done up to one moment. Immutable. */
public final class BatchSnapshot {
    private final Map<Reason, Long> batches = new EnumMap<>(Reason.class);
    private final long items;
    private final long rejected;
    private final long splits;
    private final long bisections;
    private final long mismatches;
    private final int queued;
    private final int inFlight;

    /** @param batcher null where there is no batching */
    BatchSnapshot(@Nullable Batcher<?> batcher) {
        for (Reason reason : Reason.values()) {
            batches.put(reason, batcher == null ? 0 : batcher.counts().batches(reason));
        }
        this.items = batcher == null ? 0 : batcher.counts().items();
        this.rejected = batcher == null ? 0 : batcher.counts().rejected();
        this.splits = batcher == null ? 0 : batcher.counts().splits();
        this.bisections = batcher == null ? 0 : batcher.counts().bisections();
        this.mismatches = batcher == null ? 0 : batcher.counts().mismatches();
        this.queued = batcher == null ? 0 : batcher.queued();
        this.inFlight = batcher == null ? 0 : batcher.inFlight();
    }

    /** Batches that left their queue. */
    public long batches() {
        return batches.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Batches that left for this reason. */
    public long batches(Reason reason) {
        return Objects.requireNonNull(batches.get(Objects.requireNonNull(reason, "reason")));
    }

    /** Calls that left in them. */
    public long items() {
        return items;
    }

    /** Calls in a batch on average; 0 before the first. */
    public double meanItems() {
        return batches() == 0 ? 0 : (double) items / batches();
    }

    /** Calls that found the queues full, or were shed from them. */
    public long rejected() {
        return rejected;
    }

    /** How often a batch was halved because it was too large for the codec, the transport or the endpoint. */
    public long splits() {
        return splits;
    }

    /** How often a batch was divided because the model refused an input in it. */
    public long bisections() {
        return bisections;
    }

    /** Answers that could not be dealt out: of another number of results, or not to be decoded. */
    public long mismatches() {
        return mismatches;
    }

    /** Calls that wait for a batch now. */
    public int queued() {
        return queued;
    }

    /** Batches that are on their way now. */
    public int inFlight() {
        return inFlight;
    }

    @Override
    public String toString() {
        return items + " calls in " + batches() + " batches " + batches + ", " + rejected + " rejected, " + splits
                + " splits, " + bisections + " bisections, " + mismatches + " mismatches; now " + queued + " queued, "
                + inFlight + " in flight";
    }
}
