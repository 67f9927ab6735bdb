package io.foretell.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a shadow's answer to one request compares with the one that counted. Immutable; holds no payload. */
public final class ShadowEvent {
    private final CallEvent.Source source;
    private final long id;
    private final int items;
    private final long primaryNanos;
    private final long shadowNanos;
    private final @Nullable Throwable primaryError;
    private final @Nullable Throwable shadowError;
    private final double largestDifference;

    /** For the engine. */
    public ShadowEvent(
            CallEvent.Source source,
            long id,
            int items,
            long primaryNanos,
            long shadowNanos,
            @Nullable Throwable primaryError,
            @Nullable Throwable shadowError,
            double largestDifference) {
        this.source = Objects.requireNonNull(source, "source");
        this.id = id;
        this.items = items;
        this.primaryNanos = primaryNanos;
        this.shadowNanos = shadowNanos;
        this.primaryError = primaryError;
        this.shadowError = shadowError;
        this.largestDifference = largestDifference;
    }

    /** The shadow. */
    public CallEvent.Source source() {
        return source;
    }

    /** The number of the request that was copied, within its predictor. */
    public long id() {
        return id;
    }

    /** How many items it carried. */
    public int items() {
        return items;
    }

    /** Nanoseconds until the answer that counted, its retries included. */
    public long primaryNanos() {
        return primaryNanos;
    }

    /** Nanoseconds until the shadow's answer. */
    public long shadowNanos() {
        return shadowNanos;
    }

    /** Why the request failed; null where it did not. */
    public @Nullable Throwable primaryError() {
        return primaryError;
    }

    /** Why the shadow failed, or was not asked because its breaker or its limit refused; null where it answered. */
    public @Nullable Throwable shadowError() {
        return shadowError;
    }

    /**
     * The largest difference of two numbers at the same place in the two answers; 0 where they are equal, also if they are
     * not numbers. {@link Double#NaN} where one of them failed, or they differ in something else, such as a shape.
     */
    public double largestDifference() {
        return largestDifference;
    }

    /** The two latencies and the difference. */
    @Override
    public String toString() {
        return "shadow " + source + " #" + id + ": " + shadowNanos / 1_000 / 1e3 + " ms, primary "
                + primaryNanos / 1_000 / 1e3 + " ms, largest difference " + largestDifference
                + (shadowError == null ? "" : ", " + shadowError);
    }
}
