package io.foretell.transport;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server's answer to one request. Immutable. */
public final class InferenceResponse {
    private final Supplier<Payload> payload;
    private final @Nullable String servedBy;
    private final @Nullable String requestId;
    private final Attributes attributes;

    private InferenceResponse(
            Supplier<Payload> payload, @Nullable String servedBy, @Nullable String requestId, Attributes attributes) {
        this.payload = payload;
        this.servedBy = servedBy;
        this.requestId = requestId;
        this.attributes = Objects.requireNonNull(attributes, "attributes");
    }

    /** An answer of which nothing else is known. */
    public static InferenceResponse of(Payload payload) {
        Objects.requireNonNull(payload, "payload");
        return new InferenceResponse(() -> payload, null, null, Attributes.empty());
    }

    /**
     * An answer whose payload takes work to read, which must not be done on an event loop: it is read when first asked
     * for, on the callback executor.
     *
     * @param reader gives the same payload each time; what it throws fails the request
     */
    public static InferenceResponse reading(Supplier<Payload> reader) {
        return new InferenceResponse(new Once(reader), null, null, Attributes.empty());
    }

    /** What came back. */
    public Payload payload() {
        return payload.get();
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
        Objects.requireNonNull(payload, "payload");
        return new InferenceResponse(() -> payload, servedBy, requestId, attributes);
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

    /** Who answered; the payload is left out, which may not have been read yet. */
    @Override
    public String toString() {
        return "answer" + (servedBy == null ? "" : " from " + servedBy);
    }

    /** Keeps what was read. Two threads may read at once, to the same end. */
    private static final class Once implements Supplier<Payload> {
        private final Supplier<Payload> reader;
        private volatile @Nullable Payload read;

        Once(Supplier<Payload> reader) {
            this.reader = Objects.requireNonNull(reader, "reader");
        }

        @Override
        public Payload get() {
            Payload known = read;
            if (known == null) {
                known = Objects.requireNonNull(reader.get(), "payload");
                read = known;
            }
            return known;
        }
    }
}
