package io.foretell.internal.batch;

import io.foretell.event.BatchEvent.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The items of one queue in their order, and when the first of them are due to leave. For the queue's owner. */
final class Waiting<T extends Item> {
    /** A timer is late, and a request has to be encoded. */
    private static final long MARGIN_NANOS = 1_000_000;

    private final long lingerNanos;
    private final Sizes sizes;
    private final ServiceTime service;
    private final ArrayDeque<T> items = new ArrayDeque<>();
    private long bytes;
    private int mustLeave;
    private long dueNanos;
    private Reason dueReason = Reason.LINGER;

    /** What has left the queue: those to send, and how many and how large all were, with those that were over already. */
    record Departure<T>(List<T> items, long bytes, boolean full, int taken, long takenBytes) {}

    Waiting(long lingerNanos, Sizes sizes, ServiceTime service) {
        this.lingerNanos = lingerNanos;
        this.sizes = sizes;
        this.service = service;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    @Nullable
    T first() {
        return items.peek();
    }

    void add(T item, long now) {
        items.add(item);
        bytes += item.bytes;
        if (lingerNanos > 0) {
            due(item, items.size() == 1, now);
        }
    }

    /** All that are here leave without further waiting. */
    void flush() {
        mustLeave = items.size();
    }

    /** When to look again whether a batch may leave. */
    long dueNanos() {
        return dueNanos;
    }

    /** The linger counts from the first; every deadline leaves time for the answer. */
    private void due(T item, boolean first, long now) {
        if (first) {
            dueNanos = item.startNanos() + lingerNanos;
            dueReason = Reason.LINGER;
        }
        long inTime = item.deadlineNanos() - service.expected(item.deadlineNanos() - now) - MARGIN_NANOS;
        if (inTime - dueNanos < 0) {
            dueNanos = inTime;
            dueReason = Reason.DEADLINE;
        }
    }

    private void dueAnew(long now) {
        if (lingerNanos > 0) {
            boolean first = true;
            for (T item : items) {
                due(item, first, now);
                first = false;
            }
        }
    }

    /** Why a batch may leave; null where it should wait for company. At least one item waits. */
    @Nullable
    Reason reason(long now, boolean closing) {
        if (items.size() >= sizes.items()) {
            return Reason.ITEMS;
        } else if (bytes >= sizes.bytes()) {
            return Reason.BYTES;
        } else if (closing) {
            return Reason.CLOSE;
        } else if (mustLeave > 0) {
            return Reason.FLUSH;
        } else if (lingerNanos == 0) {
            return Reason.SLOT;
        }
        return dueNanos - now <= 0 ? dueReason : null;
    }

    boolean isFull() {
        return items.size() >= sizes.items() || bytes >= sizes.bytes();
    }

    /** The next batch: as many from the front as fit, without those that are over. */
    Departure<T> leave(long now) {
        int before = items.size();
        long bytesBefore = bytes;
        long taken = 0;
        boolean full = false;
        List<T> live = new ArrayList<>(Math.min(sizes.items(), before));
        for (T head = items.peek(); head != null && !full; head = items.peek()) {
            if (!isLive(head, now)) {
                remove();
            } else if (!live.isEmpty() && taken + head.bytes > sizes.bytes()) {
                full = true;
            } else {
                live.add(remove());
                taken += head.bytes;
                full = live.size() >= sizes.items();
            }
        }
        mustLeave = Math.max(0, mustLeave - (before - items.size()));
        dueAnew(now);
        return new Departure<>(live, taken, full, before - items.size(), bytesBefore - bytes);
    }

    /** The first leaves. */
    T remove() {
        T head = items.remove();
        bytes -= head.bytes;
        return head;
    }

    /** Those leave that are over. None of them is to be sent. */
    Departure<T> purge(long now) {
        int before = items.size();
        long bytesBefore = bytes;
        items.removeIf(item -> {
            boolean gone = !isLive(item, now);
            bytes -= gone ? item.bytes : 0;
            return gone;
        });
        mustLeave = Math.min(mustLeave, items.size());
        dueAnew(now);
        return new Departure<>(List.of(), 0, false, before - items.size(), bytesBefore - bytes);
    }

    private static boolean isLive(Item item, long now) {
        return !item.isOver() && item.deadlineNanos() - now > 0;
    }
}
