package io.foretell.internal.gate;

import java.util.concurrent.atomic.AtomicLong;

/** The requests and bytes in flight, or in a queue, in one number: both are taken and given back at once. Lock-free. */
public final class Permits {
    /** Room for 8 million requests and 1 TiB; larger sizes count as that. */
    private static final int BYTE_BITS = 40;

    private static final long ONE = 1L << BYTE_BITS;
    public static final long ALL_BYTES = ONE - 1;
    private static final int ALL_REQUESTS = (int) (Long.MAX_VALUE >> BYTE_BITS);

    private final long maxBytes;
    private final AtomicLong held = new AtomicLong();

    public Permits(long maxBytes) {
        this.maxBytes = Math.min(maxBytes, ALL_BYTES);
    }

    /** A request that is larger than the limit of bytes gets them where no others are held. */
    public boolean take(long bytes, int maxRequests) {
        long size = size(bytes);
        while (true) {
            long seen = held.get();
            long bytesHeld = seen & ALL_BYTES;
            if (seen >> BYTE_BITS >= Math.min(maxRequests, ALL_REQUESTS)
                    || bytesHeld > 0 && bytesHeld + size > maxBytes) {
                return false;
            }
            if (held.compareAndSet(seen, seen + ONE + size)) {
                return true;
            }
        }
    }

    /** Takes them whatever the limits say. */
    public void force(long bytes) {
        held.addAndGet(ONE + size(bytes));
    }

    void give(long bytes) {
        held.addAndGet(-ONE - size(bytes));
    }

    /** Of several that hold so many bytes together, each at most {@link #ALL_BYTES}. */
    public void give(int requests, long bytes) {
        held.addAndGet(-ONE * requests - bytes);
    }

    /** Whether more are held than the limits say; one that is larger than the limit of bytes may be alone. */
    public boolean isOverfull(int maxRequests) {
        long seen = held.get();
        return seen >> BYTE_BITS > maxRequests || seen >> BYTE_BITS > 1 && (seen & ALL_BYTES) > maxBytes;
    }

    public int requests() {
        return (int) (held.get() >> BYTE_BITS);
    }

    long bytes() {
        return held.get() & ALL_BYTES;
    }

    /** How much of it is held, for a message. */
    public String describe(int maxRequests) {
        return requests() + " of at most " + maxRequests + " requests and " + bytes() + " of at most " + maxBytes
                + " bytes";
    }

    private static long size(long bytes) {
        return Math.min(bytes, ALL_BYTES);
    }
}
