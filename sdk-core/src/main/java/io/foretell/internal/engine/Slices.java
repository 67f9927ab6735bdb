package io.foretell.internal.engine;

import io.foretell.time.Ticker;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/**
 * The recent past, cut into slices of time that take turns on a few slots: what a slot holds lives for as many slices as
 * there are slots. Lock-free; nothing is allocated.
 */
final class Slices {
    private final int slots;
    private final long sliceNanos;
    private final Ticker ticker;
    private final long startNanos;
    private final IntConsumer renew;
    private final AtomicLong latest = new AtomicLong();

    /** @param renew empties a slot for a slice that begins; called by one thread for each slice, but for the first one */
    Slices(int slots, long sliceNanos, Ticker ticker, IntConsumer renew) {
        this.slots = slots;
        this.sliceNanos = sliceNanos;
        this.ticker = ticker;
        this.startNanos = ticker.nanos();
        this.renew = renew;
    }

    /** The slot of this moment. */
    int slot() {
        return slot(ticker.nanos());
    }

    /**
     * The slot of a moment that was now just before; one that is past has the latest slot. The first to come in a slice
     * renews what has grown too old.
     */
    int slot(long nanos) {
        long since = nanos - startNanos;
        long seen = latest.get();
        while (since - seen * sliceNanos >= sliceNanos) {
            long now = since / sliceNanos;
            if (latest.compareAndSet(seen, now)) {
                renew(Math.max(seen + 1, now - slots + 1), now);
            }
            seen = latest.get();
        }
        return (int) (seen % slots);
    }

    private void renew(long first, long last) {
        for (long slice = first; slice <= last; slice++) {
            renew.accept((int) (slice % slots));
        }
    }
}
