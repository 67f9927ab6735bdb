package io.foretell.internal.batch;

import io.foretell.error.InferenceException;
import org.jspecify.annotations.Nullable;

/** What can be batched. It is a link of the queue itself, so it may be in only one, and costs no other object. */
public abstract class Item {
    /** The item that came before, or after: the link of {@link Arrivals}. */
    @Nullable
    Item neighbour;

    long bytes;

    /** As the codec counts them. */
    public final long bytes() {
        return bytes;
    }

    /** When it began, by the ticker. */
    protected abstract long startNanos();

    /** When it ends at the latest, by the ticker. */
    protected abstract long deadlineNanos();

    /** Whether it has ended; then it need not be sent any more. */
    protected abstract boolean isOver();

    /** Ends it: it will not be sent. Called by nobody who owns a queue. */
    protected abstract void reject(InferenceException why);
}
