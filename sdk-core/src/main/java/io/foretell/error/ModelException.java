package io.foretell.error;

import org.jspecify.annotations.Nullable;

/** The model or its container answered with an error: not the network's fault, nor the service's. */
public final class ModelException extends InferenceException {
    private static final long serialVersionUID = 1L;

    private final int originalStatus;
    private final @Nullable String originalMessage;
    private final @Nullable String logStream;

    ModelException(Builder builder) {
        super(builder);
        this.originalStatus = builder.originalStatus;
        this.originalMessage = builder.originalMessage;
        this.logStream = builder.logStream;
    }

    /** The HTTP status that the container answered; 0 where it gave none. */
    public int originalStatus() {
        return originalStatus;
    }

    /** What the container said; null where it said nothing. */
    public @Nullable String originalMessage() {
        return originalMessage;
    }

    /** Where the container logs, such as an ARN; null where it is not told. */
    public @Nullable String logStream() {
        return logStream;
    }
}
