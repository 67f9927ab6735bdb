package io.foretell.error;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Any failure of a prediction but cancellation. Immutable but for its stack trace. The subclass follows from the
 * {@link #category()}; this class itself stands for {@link ErrorCategory#INTERNAL}. Exceptions of other libraries appear
 * only as the cause.
 *
 * <p>The message says what failed and where. It never holds a payload or a credential; text from a server is cut to 4 KiB
 * and its control characters are escaped.
 */
public class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCategory category;
    private final RetrySafety retrySafety;
    private final int attempts;
    private final @Nullable String transportCode;
    private final @Nullable String requestId;
    private final @Nullable String endpoint;
    private final @Nullable String model;
    private final int originalStatus;
    private final @Nullable String originalMessage;
    private final @Nullable String logStream;
    private final int maxRetries;
    private final @Nullable Duration pushback;
    private final boolean budgetRefused;

    InferenceException(Builder builder) {
        super(builder.message, builder.cause);
        this.category = builder.category;
        this.retrySafety = builder.retrySafety;
        this.attempts = builder.attempts;
        this.transportCode = builder.transportCode;
        this.requestId = builder.requestId;
        this.endpoint = builder.endpoint;
        this.model = builder.model;
        this.originalStatus = builder.originalStatus;
        this.originalMessage = builder.originalMessage;
        this.logStream = builder.logStream;
        this.maxRetries = builder.maxRetries;
        this.pushback = builder.pushback;
        this.budgetRefused = builder.budgetRefused;
    }

    /** What went wrong. */
    public ErrorCategory category() {
        return category;
    }

    /** Whether the model may have run. */
    public RetrySafety retrySafety() {
        return retrySafety;
    }

    /** How many attempts reached the transport; 0 where the fault was found before. */
    public int attempts() {
        return attempts;
    }

    /** The transport's own code, such as {@code UNAVAILABLE} of gRPC or {@code 424 ModelError}; null if it gave none. */
    public @Nullable String transportCode() {
        return transportCode;
    }

    /** The id the server gave the request; null if it gave none. */
    public @Nullable String requestId() {
        return requestId;
    }

    /** The endpoint that was called; null where the fault was found before one was chosen. */
    public @Nullable String endpoint() {
        return endpoint;
    }

    /** The model that was called; null where the endpoint alone says it. */
    public @Nullable String model() {
        return model;
    }

    /** The status that the model's container answered, where the service passes it on; 0 for none. */
    public int originalStatus() {
        return originalStatus;
    }

    /** What the model's container said; null where it said nothing. */
    public @Nullable String originalMessage() {
        return originalMessage;
    }

    /** Where the model's container logs, such as an ARN; null where it is not told. */
    public @Nullable String logStream() {
        return logStream;
    }

    /** How many retries may follow failures of this kind in one request; {@code Integer.MAX_VALUE} where the policy decides. */
    public int maxRetries() {
        return maxRetries;
    }

    /** How long the server asks to wait before another attempt, negative for never; null where it does not say. */
    public @Nullable Duration pushback() {
        return pushback;
    }

    /** Whether this is the end only because the retry budget was used up: another attempt was allowed otherwise. */
    public boolean budgetRefused() {
        return budgetRefused;
    }

    /** A builder that starts from this exception. It keeps the stack trace, the cause and what was suppressed. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Starts an exception of a category. */
    public static Builder of(ErrorCategory category) {
        return new Builder(category);
    }

    /** Builds the exception type that belongs to a category. For transports and interceptors; not thread-safe. */
    public static final class Builder {
        private final ErrorCategory category;
        private RetrySafety retrySafety;
        private String message;
        private @Nullable Throwable cause;
        private int attempts;
        private @Nullable String transportCode;
        private @Nullable String requestId;
        private @Nullable String endpoint;
        private @Nullable String model;
        private int originalStatus;
        private @Nullable String originalMessage;
        private @Nullable String logStream;
        private int maxRetries;
        private @Nullable Duration pushback;
        private boolean budgetRefused;
        private @Nullable InferenceException origin;

        private Builder(ErrorCategory category) {
            this.category = Objects.requireNonNull(category, "category");
            this.retrySafety = category.usualSafety();
            this.maxRetries = category.usualRetries();
            this.message = category.name();
        }

        private Builder(InferenceException origin) {
            this.category = origin.category;
            this.retrySafety = origin.retrySafety;
            this.message = Objects.requireNonNullElse(origin.getMessage(), category.name());
            this.cause = origin.getCause();
            this.attempts = origin.attempts;
            this.transportCode = origin.transportCode;
            this.requestId = origin.requestId;
            this.endpoint = origin.endpoint;
            this.model = origin.model;
            this.originalStatus = origin.originalStatus;
            this.originalMessage = origin.originalMessage;
            this.logStream = origin.logStream;
            this.maxRetries = origin.maxRetries;
            this.pushback = origin.pushback;
            this.budgetRefused = origin.budgetRefused;
            this.origin = origin;
        }

        /** What failed, where, and what to try; default: the category's name. */
        public Builder message(String message) {
            this.message = ServerText.clean(message);
            return this;
        }

        /** The exception of another library that lies beneath; default: none. */
        public Builder cause(@Nullable Throwable cause) {
            this.cause = cause;
            return this;
        }

        /** Default: {@link ErrorCategory#usualSafety()}. */
        public Builder retrySafety(RetrySafety retrySafety) {
            this.retrySafety = Objects.requireNonNull(retrySafety, "retrySafety");
            return this;
        }

        /** Default: 0. */
        public Builder attempts(int attempts) {
            this.attempts = attempts;
            return this;
        }

        /** Default: none. */
        public Builder transportCode(@Nullable String transportCode) {
            this.transportCode = ServerText.cleanOrNull(transportCode);
            return this;
        }

        /** Default: none. */
        public Builder requestId(@Nullable String requestId) {
            this.requestId = ServerText.cleanOrNull(requestId);
            return this;
        }

        /** Default: none. */
        public Builder endpoint(@Nullable String endpoint) {
            this.endpoint = endpoint;
            return this;
        }

        /** Default: none. */
        public Builder model(@Nullable String model) {
            this.model = model;
            return this;
        }

        /** What the model's container answered; default: 0 and nulls, for none. */
        public Builder originalStatus(int status, @Nullable String message, @Nullable String logStream) {
            this.originalStatus = status;
            this.originalMessage = ServerText.cleanOrNull(message);
            this.logStream = ServerText.cleanOrNull(logStream);
            return this;
        }

        /**
         * How many retries may follow failures of this kind in one request; default: what is usual for the category.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxRetries(int maxRetries) {
            if (maxRetries < 0) {
                throw new IllegalArgumentException("maxRetries < 0: " + maxRetries);
            }
            this.maxRetries = maxRetries;
            return this;
        }

        /** How long the server asks to wait, such as by {@code Retry-After}; negative for never. Default: nothing said. */
        public Builder pushback(@Nullable Duration pushback) {
            this.pushback = pushback;
            return this;
        }

        /** Default: false. */
        public Builder budgetRefused(boolean budgetRefused) {
            this.budgetRefused = budgetRefused;
            return this;
        }

        /** The exception, of the type that belongs to its category. */
        public InferenceException build() {
            InferenceException built = switch (category) {
                case INVALID_REQUEST, PAYLOAD_TOO_LARGE -> new InvalidRequestException(this);
                case AUTH, AUTH_EXPIRED, CLOCK_SKEW -> new AuthenticationException(this);
                case NOT_FOUND -> new ModelNotFoundException(this);
                case NOT_READY -> new ModelNotReadyException(this);
                case THROTTLED -> new ThrottledException(this);
                case MODEL_CLIENT_ERROR, MODEL_FAULT, MODEL_TIMEOUT -> new ModelException(this);
                case OVERLOADED, SERVER_FAULT -> new UnavailableException(this);
                case CONNECT, TLS, TIMEOUT, CONNECTION_LOST, PROTOCOL -> new TransportException(this);
                case CODEC -> new CodecException(this);
                case LOCAL_REJECTED, CLOSED -> new RejectedException(this);
                case DEADLINE -> new DeadlineExceededException(this);
                case CANCELLED, INTERNAL -> new InferenceException(this);
            };
            if (origin != null) {
                built.setStackTrace(origin.getStackTrace());
                for (Throwable suppressed : origin.getSuppressed()) {
                    built.addSuppressed(suppressed);
                }
            }
            return built;
        }
    }
}
