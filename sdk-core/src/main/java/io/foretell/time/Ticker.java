package io.foretell.time;

/** A source of elapsed time. Its readings mean nothing but in relation to each other. */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds since an arbitrary origin; never goes backwards, may overflow. */
    long nanos();

    /** The JVM's monotonic clock. */
    static Ticker system() {
        return SystemTicker.INSTANCE;
    }
}
