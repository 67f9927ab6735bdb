package io.foretell.internal.batch;

import io.foretell.internal.gate.Grants;
import io.foretell.internal.gate.Permits;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Items that wait, in order, until the queues have room. Lock-free, in the manner of {@link Lane}. Those that are over
 * leave at the latest when as many have come again.
 */
final class Parking<T extends Item> {
    private static final int LEAST_SWEEP = 1_000;

    private final Permits room;
    private final int maxItems;
    private final BiFunction<T, Object, @Nullable Runnable> admit;
    private final Queue<Parked<T>> parked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();

    /** The owner's. */
    private int sweepFrom = LEAST_SWEEP;

    private record Parked<T extends Item>(T item, Object key) {}

    /** @param admit puts an item into its queue, or gives what then has to be done */
    Parking(Permits room, int maxItems, BiFunction<T, Object, @Nullable Runnable> admit) {
        this.room = room;
        this.maxItems = maxItems;
        this.admit = admit;
    }

    int size() {
        return count.get();
    }

    void add(T item, Object key) {
        count.incrementAndGet();
        parked.add(new Parked<>(item, key));
    }

    /** Lets as many go on as there is room for. In turn, so that none overtakes another. */
    void admit() {
        if (turn.getAndIncrement() != 0) {
            return;
        }
        List<Runnable> rejections = new ArrayList<>();
        int missed = 1;
        do {
            sweep();
            admitFirst(rejections);
            missed = turn.addAndGet(-missed);
        } while (missed != 0);
        Grants.run(rejections);
    }

    private void admitFirst(List<Runnable> rejections) {
        for (Parked<T> head = parked.peek(); head != null; head = parked.peek()) {
            if (!head.item.isOver()) {
                if (!room.take(head.item.bytes, maxItems)) {
                    return;
                }
                Runnable rejection = admit.apply(head.item, head.key);
                if (rejection != null) {
                    rejections.add(rejection);
                }
            }
            parked.remove();
            count.decrementAndGet(); // only now may others go past
        }
    }

    private void sweep() {
        if (count.get() > sweepFrom) {
            parked.removeIf(each -> {
                boolean over = each.item.isOver();
                count.addAndGet(over ? -1 : 0);
                return over;
            });
            sweepFrom = Math.max(LEAST_SWEEP, 2 * count.get());
        }
    }
}
