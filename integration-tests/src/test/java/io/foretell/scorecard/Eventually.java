package io.foretell.scorecard;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits for what other threads are about to do. */
final class Eventually {
    private static final long PAUSE_NANOS = 1_000_000;

    private Eventually() {}

    /** Waits until the condition holds, for as long as the guard allows; tells whether it does. */
    static boolean holds(BooleanSupplier condition, Duration guard) {
        long end = System.nanoTime() + guard.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /** Waits until the count is what is wanted, for as long as the guard allows; gives the count. */
    static long counts(long wanted, LongSupplier count, Duration guard) {
        holds(() -> count.getAsLong() == wanted, guard);
        return count.getAsLong();
    }
}
