package io.foretell.internal.batch;

import io.foretell.event.BatchEvent.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Items that left together, and the slot they hold until {@link #over}. */
public final class Batch<T extends Item> {
    private final Lane<T> lane;
    private final Waiting.Departure<T> departure;
    private final Reason reason;
    private final long number;
    private final long leftNanos;
    private final AtomicBoolean over = new AtomicBoolean();

    Batch(Lane<T> lane, Waiting.Departure<T> departure, Reason reason, long number, long leftNanos) {
        this.lane = lane;
        this.departure = departure;
        this.reason = reason;
        this.number = number;
        this.leftNanos = leftNanos;
    }

    /** At least one, in the order in which they came. */
    public List<T> items() {
        return departure.items();
    }

    /** As the codec counts them. */
    public long bytes() {
        return departure.bytes();
    }

    public Reason reason() {
        return reason;
    }

    /** When it left, by the ticker. */
    public long leftNanos() {
        return leftNanos;
    }

    /** Whether one more item would not have found room. */
    boolean full() {
        return departure.full();
    }

    /** Of all that left this queue, from 1. */
    long number() {
        return number;
    }

    /** A request of so many was refused for its size: batches to come are smaller. */
    public void tooLarge(int items, long bytes) {
        lane.tooLarge(items, bytes);
    }

    /** Where its batcher counts what becomes of its requests. */
    public BatchCounts counts() {
        return lane.counts();
    }

    /** How the last of its requests ended, as far as that tells what the endpoint bears. */
    public enum End {
        /** With an answer, after the time that a batch of this size takes. */
        ANSWERED,
        /** The endpoint does not keep up. */
        OVERLOADED,
        /** Otherwise. */
        OTHER
    }

    /** Gives the slot to the next. Only the first time counts. */
    public void over(End end) {
        if (over.compareAndSet(false, true)) {
            lane.over(this, end);
        }
    }
}
