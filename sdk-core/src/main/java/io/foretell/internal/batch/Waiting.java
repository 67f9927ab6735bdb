package io.foretell.internal.batch;

import io.foretell.event.BatchEvent.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The items of one queue in their order, and when the first of them are due to leave. For the queue's owner. */
final class Waiting<T extends Item> {
    /** A timer is late, and a request has to be encoded. */
    private static final long MARGIN_NANOS = 1_000_000;

    private final long lingerNanos;
    private final Sizes sizes;
    private final ServiceTime service;
    private final Chain<T> items = new Chain<>();
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
        return items.size() == 0;
    }

    @Nullable
    T first() {
        return items.first();
    }

    /** Takes in what has come. */
    void addAll(Arrivals<T> arrivals, long now) {
        boolean first = isEmpty();
        dueFrom(arrivals.moveTo(items), first, now);
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

    private void dueFrom(@Nullable T start, boolean first, long now) {
        if (lingerNanos > 0) {
            for (T item = start; item != null; item = items.after(item)) {
                due(item, first && item == start, now);
            }
        }
    }

    /** Not while it is full: it then leaves whatever is due. */
    private void dueAnew(long now) {
        if (!isFull()) {
            dueFrom(items.first(), true, now);
        }
    }

    /** Why a batch may leave; null where it should wait for company. At least one item waits. */
    @Nullable
    Reason reason(long now, boolean closing) {
        if (items.size() >= sizes.items()) {
            return Reason.ITEMS;
        } else if (items.bytes() >= sizes.bytes()) {
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
        return items.size() >= sizes.items() || items.bytes() >= sizes.bytes();
    }

    /** The next batch: as many from the front as fit, without those that are over. */
    Departure<T> leave(long now) {
        int maxItems = sizes.items();
        long maxBytes = sizes.bytes();
        int before = items.size();
        long bytesBefore = items.bytes();
        List<T> live = new ArrayList<>(Math.min(maxItems, before));
        long liveBytes = 0;
        boolean full = false;
        T head = items.first();
        while (head != null && !full) {
            boolean goes = isLive(head, now);
            if (goes && !live.isEmpty() && liveBytes + head.bytes > maxBytes) {
                full = true;
            } else {
                if (goes) {
                    live.add(head);
                    liveBytes += head.bytes;
                    full = live.size() >= maxItems || liveBytes >= maxBytes;
                }
                head = items.leave(head);
            }
        }
        items.beginWith(head);
        mustLeave = Math.max(0, mustLeave - (before - items.size()));
        dueAnew(now);
        return new Departure<>(live, liveBytes, full, before - items.size(), bytesBefore - items.bytes());
    }

    /** The first leaves. */
    T remove(long now) {
        T head = Objects.requireNonNull(items.first());
        items.beginWith(items.leave(head));
        mustLeave = Math.max(0, mustLeave - 1);
        dueAnew(now);
        return head;
    }

    /** Those leave that are over, of all. None of them is to be sent. */
    Departure<T> purge(long now) {
        return purge(items.size(), now);
    }

    /** Those leave that are over, of as many as the next batch may hold. */
    Departure<T> purgeNext(long now) {
        return purge(sizes.items(), now);
    }

    private Departure<T> purge(int most, long now) {
        int before = items.size();
        long bytesBefore = items.bytes();
        items.removeIf(item -> !isLive(item, now), most);
        mustLeave = Math.min(mustLeave, items.size());
        dueAnew(now);
        return new Departure<>(List.of(), 0, false, before - items.size(), bytesBefore - items.bytes());
    }

    private static boolean isLive(Item item, long now) {
        return !item.isOver() && item.deadlineNanos() - now > 0;
    }
}
