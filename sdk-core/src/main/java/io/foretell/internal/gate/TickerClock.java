package io.foretell.internal.gate;

import io.foretell.time.Ticker;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A ticker in the form that resilience4j reads. Its instants mean nothing but in relation to each other. */
final class TickerClock extends Clock {
    private final Ticker ticker;
    private final long origin;

    TickerClock(Ticker ticker) {
        this.ticker = ticker;
        this.origin = ticker.nanos();
    }

    long elapsedNanos() {
        return ticker.nanos() - origin;
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(elapsedNanos());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** This clock: no zone makes a difference to elapsed time. */
    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
