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

    /** Whether there is nothing to take. */
    boolean isEmpty() {
        Item seen = newest.get();
        return seen == null || seen == ENDED;
    }

    /** From now on none may come; not if one has. */
    boolean end() {
        return newest.compareAndSet(null, ENDED);
    }

    /** Those that have come go to the end of a chain, in the order in which they came. Returns the first of them. */
    @Nullable
    T moveTo(Chain<T> chain) {
        Item last = isEmpty() ? null : newest.getAndSet(null);
        Item first = null;
        int items = 0;
        long bytes = 0;
        for (Item item = last; item != null; items++) {
            Item before = item.neighbour;
            item.neighbour = first;
            bytes += item.bytes;
            first = item;
            item = before;
        }
        return last == null || first == null ? null : chain.append(first, last, items, bytes);
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
