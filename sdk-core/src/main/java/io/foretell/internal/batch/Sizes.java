package io.foretell.internal.batch;

import io.foretell.policy.BatchPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How large a batch may be and how many may be in flight: as the policy has it, or less where a latency objective or the
 * endpoint's own limit of sizes says so. Used by the owner of a queue.
 *
 * <p>Under an objective, additive increase and multiplicative decrease: a full batch in time adds one item, and a round of
 * the slots one slot; two late ones among the last twenty, or an overload, take a tenth away. What left before that says
 * nothing any more.
 */
final class Sizes {
    private static final double SLACK = 0.92;
    private static final double DECREASE = 0.9;
    private static final double REGROWTH = 1.05;
    private static final int RECENT = 20;

    private final BatchPolicy policy;
    private final long objectiveNanos;

    private double items;
    private double slots;
    private double learnedItems = Double.POSITIVE_INFINITY;
    private double learnedBytes = Double.POSITIVE_INFINITY;

    private long left;
    private long leftAtDecrease;
    private long lateBefore;

    Sizes(BatchPolicy policy) {
        this.policy = policy;
        Duration objective = policy.latencyObjective();
        this.objectiveNanos = objective == null ? -1 : TimeUnit.NANOSECONDS.convert(objective);
        this.items = objective == null ? policy.maxItems() : 1;
        this.slots = objective == null ? policy.maxInFlight() : 1;
    }

    int items() {
        return (int) Math.min(items, learnedItems);
    }

    long bytes() {
        return (long) Math.min(policy.maxBytes(), learnedBytes);
    }

    int slots() {
        return (int) slots;
    }

    /** The number of a batch that leaves. */
    long next() {
        return ++left;
    }

    /** A request of so many was refused for its size. */
    void tooLarge(int items, long bytes) {
        if (items > 1 && bytes > 0) {
            learnedBytes = Math.max(1, Math.min(learnedBytes, bytes / 2.0));
        } else if (items > 1) {
            learnedItems = Math.max(1, Math.min(learnedItems, items / 2.0));
        }
    }

    /** A batch was answered. */
    void answered(Batch<?> batch, long nanos) {
        if (batch.full()) {
            learnedItems *= REGROWTH;
            learnedBytes *= REGROWTH;
        }
        if (objectiveNanos < 0 || batch.number() <= leftAtDecrease) {
            return;
        }
        if (nanos > objectiveNanos * SLACK) {
            late(batch);
        } else if (batch.full()) {
            items = Math.min(policy.maxItems(), items + 1);
            slots = Math.min(policy.maxInFlight(), slots + 1 / slots);
        }
    }

    private void late(Batch<?> batch) {
        if (lateBefore > leftAtDecrease && batch.number() - lateBefore < RECENT) {
            decrease();
        } else {
            lateBefore = batch.number();
        }
    }

    /** The endpoint did not keep up with a batch. */
    void overloaded(Batch<?> batch) {
        if (objectiveNanos >= 0 && batch.number() > leftAtDecrease) {
            decrease();
        }
    }

    private void decrease() {
        items = Math.max(1, items * DECREASE);
        slots = Math.max(1, slots * DECREASE);
        leftAtDecrease = left;
    }
}
