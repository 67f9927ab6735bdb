package io.foretell.internal.batch;

import io.foretell.event.BatchEvent.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What a batcher has done so far. Thread-safe. */
public final class BatchCounts {
    private final Map<Reason, LongAdder> batches = new EnumMap<>(Reason.class);
    private final LongAdder items = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder splits = new LongAdder();
    private final LongAdder bisections = new LongAdder();
    private final LongAdder mismatches = new LongAdder();

    BatchCounts() {
        for (Reason reason : Reason.values()) {
            batches.put(reason, new LongAdder());
        }
    }

    void left(Batch<?> batch) {
        Objects.requireNonNull(batches.get(batch.reason())).increment();
        items.add(batch.items().size());
    }

    void reject() {
        rejected.increment();
    }

    /** A batch was halved for its size. */
    public void split() {
        splits.increment();
    }

    /** A batch was halved for its input. */
    public void bisect() {
        bisections.increment();
    }

    /** An answer did not fit the batch. */
    public void mismatch() {
        mismatches.increment();
    }

    /** How many did not. */
    public long mismatches() {
        return mismatches.sum();
    }

    public long batches(Reason reason) {
        return Objects.requireNonNull(batches.get(reason)).sum();
    }

    /** Items that left. */
    public long items() {
        return items.sum();
    }

    /** Items that found the queues full, or were shed from them. */
    public long rejected() {
        return rejected.sum();
    }

    public long splits() {
        return splits.sum();
    }

    public long bisections() {
        return bisections.sum();
    }
}
