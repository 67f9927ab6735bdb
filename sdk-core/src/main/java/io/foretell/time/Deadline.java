package io.foretell.time;

import java.time.Duration;

/**
 * An absolute point in time by which something must have ended. A timeout becomes a deadline once, where a call enters,
 * and travels from there. Immutable. Deadlines compare only when they stand on the same {@link Ticker}.
 */
public final class Deadline {
    /** About 73 years: two such deadlines, one past and one to come, still compare without overflow years apart. */
    private static final long FARTHEST = Long.MAX_VALUE / 4;

    private final Ticker ticker;
    private final long nanos;

    private Deadline(Ticker ticker, long nanos) {
        this.ticker = ticker;
        this.nanos = nanos;
    }

    /** The instant {@code timeout} from now; a negative one has passed already, a very long one is cut to 73 years. */
    public static Deadline after(Duration timeout, Ticker ticker) {
        return afterNanos(saturatedNanos(timeout), ticker);
    }

    /** The instant {@code nanos} from now; a negative one has passed already, a very long one is cut to 73 years. */
    public static Deadline afterNanos(long nanos, Ticker ticker) {
        return new Deadline(ticker, ticker.nanos() + Math.max(-FARTHEST, Math.min(FARTHEST, nanos)));
    }

    private static long saturatedNanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException beyondLong) {
            return timeout.isNegative() ? -FARTHEST : FARTHEST;
        }
    }

    /** Nanoseconds left; zero or less once it has passed. */
    public long remainingNanos() {
        return nanos - ticker.nanos();
    }

    /** Whether it has passed. */
    public boolean isExpired() {
        return remainingNanos() <= 0;
    }

    /**
     * Whether this comes before the other.
     *
     * @throws IllegalArgumentException if the two stand on different tickers
     */
    public boolean isBefore(Deadline other) {
        if (ticker != other.ticker) {
            throw new IllegalArgumentException("deadlines on two tickers: " + ticker + " and " + other.ticker);
        }
        return nanos - other.nanos < 0;
    }

    /**
     * The earlier of the two.
     *
     * @throws IllegalArgumentException if they stand on different tickers
     */
    public Deadline min(Deadline other) {
        return isBefore(other) ? this : other;
    }

    /** What is left, such as {@code 12.5 ms left}. */
    @Override
    public String toString() {
        return remainingNanos() / 1_000 / 1e3 + " ms left";
    }
}
