package io.foretell.internal.engine;

import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the calls of one caller agree on. */
public record Terms(Duration timeout, Attributes attributes, boolean idempotent) {
    /** At most what a long holds. */
    long timeoutNanos() {
        return TimeUnit.NANOSECONDS.convert(timeout);
    }
}
