package io.foretell.transport;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A server's answer to one request. Immutable. */
public final class InferenceResponse {
    private final Payload payload;
    private final @Nullable String servedBy;
    private final @Nullable String requestId;
    private final Attributes attributes;

    private InferenceResponse(
            Payload payload, @Nullable String servedBy, @Nullable String requestId, Attributes attributes) {
        this.payload = Objects.requireNonNull(payload, "payload");
        this.servedBy = servedBy;
        this.requestId = requestId;
        this.attributes = Objects.requireNonNull(attributes, "attributes");
    }

    /** An answer of which nothing else is known. */
    public static InferenceResponse of(Payload payload) {
        return new InferenceResponse(payload, null, null, Attributes.empty());
    }

    /** What came back. */
    public Payload payload() {
        return payload;
    }

    /** The model version or variant that answered; null where the server does not tell. */
    public @Nullable String servedBy() {
        return servedBy;
    }

    /** The id the server gave the request; null if it gave none. */
    public @Nullable String requestId() {
        return requestId;
    }

    /** Further facts of the transport's own. */
    public Attributes attributes() {
        return attributes;
    }

    /** A copy with another payload. */
    public InferenceResponse withPayload(Payload payload) {
        return new InferenceResponse(payload, servedBy, requestId, attributes);
    }

    /** A copy that names the version or variant that answered. */
    public InferenceResponse withServedBy(@Nullable String servedBy) {
        return new InferenceResponse(payload, servedBy, requestId, attributes);
    }

    /** A copy with the server's id of the request. */
    public InferenceResponse withRequestId(@Nullable String requestId) {
        return new InferenceResponse(payload, servedBy, requestId, attributes);
    }

    /** A copy with one more fact, or one replaced. */
    public <T> InferenceResponse with(AttributeKey<T> key, T value) {
        return new InferenceResponse(payload, servedBy, requestId, attributes.with(key, value));
    }

    /** The payload's outline and who answered, without content. */
    @Override
    public String toString() {
        return payload + (servedBy == null ? "" : " from " + servedBy);
    }
}
