package io.foretell.benchmarks.batching;

import java.util.concurrent.locks.LockSupport;

/** Waits more exactly than a timer does. */
final class Clock {
    private static final long TIMER_ERROR_NANOS = 200_000;

    private Clock() {}

    /** Returns at a {@link System#nanoTime}, or at once where it is past. */
    static void waitUntil(long due) throws InterruptedException {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (left > TIMER_ERROR_NANOS) {
                LockSupport.parkNanos(left - TIMER_ERROR_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
