package io.foretell.transport;

import java.util.Objects;

/** One pass through the chain: what to send, for how many items. Immutable. */
public final class InferenceRequest {
    private final Payload payload;
    private final int itemCount;
    private final Attributes attributes;

    private InferenceRequest(Payload payload, int itemCount, Attributes attributes) {
        this.payload = Objects.requireNonNull(payload, "payload");
        this.itemCount = itemCount;
        this.attributes = Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * A request of {@code itemCount} items.
     *
     * @throws IllegalArgumentException if {@code itemCount} is less than 1
     */
    public static InferenceRequest of(Payload payload, int itemCount, Attributes attributes) {
        if (itemCount < 1) {
            throw new IllegalArgumentException("itemCount < 1: " + itemCount);
        }
        return new InferenceRequest(payload, itemCount, attributes);
    }

    /** What to send. */
    public Payload payload() {
        return payload;
    }

    /** How many inputs the payload holds. */
    public int itemCount() {
        return itemCount;
    }

    /** The caller's facts for the transport. */
    public Attributes attributes() {
        return attributes;
    }

    /** A copy with another payload for the same items. */
    public InferenceRequest withPayload(Payload payload) {
        return new InferenceRequest(payload, itemCount, attributes);
    }

    /** A copy with one more fact, or one replaced. */
    public <T> InferenceRequest with(AttributeKey<T> key, T value) {
        return new InferenceRequest(payload, itemCount, attributes.with(key, value));
    }

    /** The number of items and the payload's outline, without its content. */
    @Override
    public String toString() {
        return itemCount + " items: " + payload;
    }
}
