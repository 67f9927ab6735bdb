package io.foretell.internal.gate;

import io.foretell.time.Ticker;

/** Readings of the clock where something has to be given back, whatever the ticker does. */
public final class Readings {
    private Readings() {}

    /** The time, or an earlier one where the ticker throws. */
    public static long nowOr(long earlier, Ticker ticker) {
        try {
            return ticker.nanos();
        } catch (Throwable broken) {
            return earlier;
        }
    }
}
