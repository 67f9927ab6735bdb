package io.foretell.internal.gate;

import java.time.Duration;

/** Durations of any length as nanoseconds that a {@code long} holds. */
final class Nanos {
    private static final Duration MOST = Duration.ofNanos(Long.MAX_VALUE);

    private Nanos() {}

    /** At most 292 years. */
    static long of(Duration duration) {
        return duration.compareTo(MOST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
    }
}
