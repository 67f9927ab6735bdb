package io.foretell.internal.batch;

import io.foretell.error.InferenceException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Items on their way to the owner of a queue. Anyone may add, without a lock; the owner takes all at once, or ends it. */
final class Arrivals<T extends Item> {
    private static final Item ENDED = new End();

    private final AtomicReference<@Nullable Item> newest = new AtomicReference<>();

    /** False where it has ended. */
    boolean add(T item) {
        Item before;
        do {
            before = newest.get();
            if (before == ENDED) {
                return false;
            }
            item.neighbour = before;
        } while (!newest.compareAndSet(before, item));
        return true;
    }

    boolean isEmpty() {
        return newest.get() == null;
    }

    /** From now on none may come; not if one has. */
    boolean end() {
        return newest.compareAndSet(null, ENDED);
    }

    /** The first to have come, which leads to those after it. Null where none has come. */
    @Nullable
    T takeAll() {
        Item first = null;
        for (Item item = newest.get() == null ? null : newest.getAndSet(null); item != null; ) {
            Item before = item.neighbour;
            item.neighbour = first;
            first = item;
            item = before;
        }
        return known(first);
    }

    @SuppressWarnings("unchecked") // only such are added
    private @Nullable T known(@Nullable Item item) {
        return (T) item;
    }

    /** No item: what stands in the place of one. */
    private static final class End extends Item {
        @Override
        protected long startNanos() {
            return 0;
        }

        @Override
        protected long deadlineNanos() {
            return 0;
        }

        @Override
        protected boolean isOver() {
            return true;
        }

        @Override
        protected void reject(InferenceException why) {
            throw new IllegalStateException(why);
        }
    }
}
