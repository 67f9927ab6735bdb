package io.foretell;

import io.foretell.transport.AttributeKey;
import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one call wants different from its predictor's settings. Immutable. */
public final class CallOptions {
    private static final CallOptions NONE = new CallOptions(null, Attributes.empty());

    private final @Nullable Duration timeout;
    private final Attributes attributes;

    private CallOptions(@Nullable Duration timeout, Attributes attributes) {
        this.timeout = timeout;
        this.attributes = attributes;
    }

    /** Nothing different. */
    public static CallOptions none() {
        return NONE;
    }

    /**
     * These options with a timeout, which takes the place of the predictor's. It covers everything from entry to result.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public CallOptions withTimeout(Duration timeout) {
        return new CallOptions(positive(timeout), attributes);
    }

    static Duration positive(Duration timeout) {
        if (Objects.requireNonNull(timeout, "timeout").isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout not positive: " + timeout);
        }
        return timeout;
    }

    /**
     * These options with one more fact for the transport, such as a target variant, or with one replaced.
     *
     * @throws IllegalArgumentException if the value is not one that may be sent
     */
    public <T> CallOptions with(AttributeKey<T> key, T value) {
        return new CallOptions(timeout, attributes.with(key, value));
    }

    /** The timeout; null where the predictor's holds. */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /** The facts for the transport. */
    public Attributes attributes() {
        return attributes;
    }

    /** The timeout and the names of the facts. */
    @Override
    public String toString() {
        return "timeout " + (timeout == null ? "of the predictor" : timeout) + ", attributes " + attributes;
    }
}
