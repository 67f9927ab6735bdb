package io.foretell.testing;

/** How fast a direction may go: some bytes, and then a pause. Lives on the proxy's thread. */
final class Pace {
    private final long portion;
    private final long interval;
    private long left;
    private long next;

    /**
     * A pace that lets the first portion go at once.
     *
     * @param portion in bytes
     * @param interval from the start of one portion to that of the next, in nanoseconds
     */
    Pace(long portion, long interval, long now) {
        this.portion = portion;
        this.interval = interval;
        left = portion;
        next = now;
    }

    static Pace unlimited(long now) {
        return new Pace(Long.MAX_VALUE, 0, now);
    }

    /** How many nanoseconds to wait before more may go; not positive for none. */
    long pause(long now) {
        return next - now;
    }

    /** How many bytes may go once the pause is over. */
    long room() {
        return left;
    }

    void gone(long bytes, long now) {
        left -= bytes;
        if (left == 0) {
            left = portion;
            // A thread that woke a little late catches up; a direction that was idle does not.
            next = now - next < interval ? next + interval : now + interval;
        }
    }
}
