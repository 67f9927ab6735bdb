package io.foretell.internal.engine;

import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What the calls of one caller agree on.
 *
 * @param timeoutNanos the timeout once more, cut to what a long holds
 */
public record Terms(Duration timeout, long timeoutNanos, Attributes attributes, boolean idempotent) {
    public Terms(Duration timeout, Attributes attributes, boolean idempotent) {
        this(timeout, TimeUnit.NANOSECONDS.convert(timeout), attributes, idempotent);
    }
}
