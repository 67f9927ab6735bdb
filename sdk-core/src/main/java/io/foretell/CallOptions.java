package io.foretell;

import io.foretell.transport.AttributeKey;
import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one call wants different from its predictor's settings. Immutable. */
public final class CallOptions {
    private static final CallOptions NONE = new CallOptions(null, Attributes.empty(), null);

    private final @Nullable Duration timeout;
    private final Attributes attributes;
    private final @Nullable Boolean idempotent;

    private CallOptions(@Nullable Duration timeout, Attributes attributes, @Nullable Boolean idempotent) {
        this.timeout = timeout;
        this.attributes = attributes;
        this.idempotent = idempotent;
    }

    /** Nothing different. */
    public static CallOptions none() {
        return NONE;
    }

    /**
     * These options with a timeout, which takes the place of the predictor's. It covers everything from entry to
     * result.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public CallOptions withTimeout(Duration timeout) {
        return new CallOptions(positive(timeout, "timeout"), attributes, idempotent);
    }

    static Duration positive(Duration timeout, String name) {
        if (Objects.requireNonNull(timeout, name).isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(name + " not positive: " + timeout);
        }
        return timeout;
    }

    /**
     * These options with one more fact for the transport, such as a target variant, or with one replaced.
     *
     * @throws IllegalArgumentException if the value is not one that may be sent
     */
    public <T> CallOptions with(AttributeKey<T> key, T value) {
        return new CallOptions(timeout, attributes.with(key, value), idempotent);
    }

    /**
     * These options for a call that may run twice without harm, or may not. One that may not is neither hedged, nor
     * shared, nor answered from a cache, nor sent again once the model may have run it.
     */
    public CallOptions withIdempotent(boolean idempotent) {
        return new CallOptions(timeout, attributes, idempotent);
    }

    /** Whether the call may run twice without harm; null where the predictor's setting holds. */
    public @Nullable Boolean idempotent() {
        return idempotent;
    }

    /** The timeout; null where the predictor's holds. */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /** The facts for the transport. */
    public Attributes attributes() {
        return attributes;
    }

    /** The timeout, the idempotency and the names of the facts. */
    @Override
    public String toString() {
        return "timeout " + (timeout == null ? "of the predictor" : timeout) + ", attributes " + attributes
                + (idempotent == null ? "" : idempotent ? ", idempotent" : ", not idempotent");
    }
}
