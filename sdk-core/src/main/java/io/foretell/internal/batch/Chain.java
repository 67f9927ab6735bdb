package io.foretell.internal.batch;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Items in their order, each of which leads to the next. For the queue's owner. Many come and go at once, because a
 * reference in something old to something young costs more than one among the young.
 */
final class Chain<T extends Item> {
    private @Nullable Item first;
    private @Nullable Item last;
    private int size;
    private long bytes;

    int size() {
        return size;
    }

    long bytes() {
        return bytes;
    }

    @Nullable
    T first() {
        return known(first);
    }

    @Nullable
    T after(T item) {
        return known(item.neighbour);
    }

    /** So many come together, each of which leads to the next. Returns the first of them. */
    @Nullable
    T append(Item front, Item end, int items, long itemBytes) {
        if (last == null) {
            first = front;
        } else {
            last.neighbour = front;
        }
        last = end;
        size += items;
        bytes += itemBytes;
        return known(front);
    }

    /** The one at the front leaves, and so leads nowhere. Returns what is to be {@link #beginWith} when all have left. */
    @Nullable
    T leave(T item) {
        return known(unlink(item));
    }

    /** Those before it have left. */
    void beginWith(@Nullable T item) {
        first = item;
        last = item == null ? null : last;
    }

    private @Nullable Item unlink(Item item) {
        Item next = item.neighbour;
        item.neighbour = null;
        size--;
        bytes -= item.bytes;
        return next;
    }

    /** Looks at so many from the front. */
    void removeIf(Predicate<Item> condition, int most) {
        Item kept = null;
        Item item = first;
        for (int seen = 0; item != null && seen < most; seen++) {
            if (!condition.test(item)) {
                kept = item;
                item = item.neighbour;
            } else {
                item = unlink(item);
                if (kept == null) {
                    first = item;
                } else {
                    kept.neighbour = item;
                }
            }
        }
        last = item == null ? kept : last;
    }

    @SuppressWarnings("unchecked") // only such are added
    private @Nullable T known(@Nullable Item item) {
        return (T) item;
    }
}
