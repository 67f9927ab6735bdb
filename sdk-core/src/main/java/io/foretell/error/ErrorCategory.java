package io.foretell.error;

import static io.foretell.error.RetrySafety.SAFE;
import static io.foretell.error.RetrySafety.UNKNOWN;
import static io.foretell.error.RetrySafety.UNSAFE;

/** What went wrong, in terms that do not depend on the transport. Decides the exception's type. */
public enum ErrorCategory {
    /** The request is at fault; the same request fails again. */
    INVALID_REQUEST(SAFE, 0),
    /** The request or the answer is larger than a limit. */
    PAYLOAD_TOO_LARGE(SAFE, 0),
    /** Credentials are missing, unknown or not allowed to do this. */
    AUTH(SAFE, 0),
    /** Credentials were good and have expired. */
    AUTH_EXPIRED(SAFE, 1),
    /** The clocks of client and server differ too much for the signature. */
    CLOCK_SKEW(SAFE, 1),
    /** There is no such endpoint, model or version. */
    NOT_FOUND(SAFE, 0),
    /** The model exists and is still being loaded. */
    NOT_READY(SAFE, Limits.ANY),
    /** A quota is used up: slow down. */
    THROTTLED(SAFE, Limits.ANY),
    /** The server sheds load or has no capacity now. */
    OVERLOADED(SAFE, Limits.ANY),
    /** The service failed, outside the model. */
    SERVER_FAULT(UNKNOWN, Limits.ANY),
    /** The model's container refused the input. */
    MODEL_CLIENT_ERROR(UNSAFE, 0),
    /** The model or its container failed. */
    MODEL_FAULT(UNSAFE, 0),
    /** The model took longer than the service lets it. */
    MODEL_TIMEOUT(UNSAFE, 0),
    /** No connection could be made. */
    CONNECT(SAFE, Limits.ANY),
    /** The TLS handshake was refused by one of the sides. */
    TLS(SAFE, 0),
    /** One attempt took longer than it may. */
    TIMEOUT(UNKNOWN, 1),
    /** The connection ended before the answer did. */
    CONNECTION_LOST(UNKNOWN, Limits.ANY),
    /** The answer is cut off or breaks the protocol. */
    PROTOCOL(UNSAFE, 1),
    /** A value could not be encoded, or an answer not be decoded. */
    CODEC(UNSAFE, 0),
    /** A limit of this client refused the call; nothing was sent. */
    LOCAL_REJECTED(SAFE, 0),
    /** The predictor is closed. */
    CLOSED(SAFE, 0),
    /** The caller gave up; thrown as {@link java.util.concurrent.CancellationException}. */
    CANCELLED(UNKNOWN, 0),
    /** The call's deadline passed. */
    DEADLINE(UNKNOWN, 0),
    /** A fault of this library, or of an interceptor or transport that broke its contract. */
    INTERNAL(UNKNOWN, 0);

    private final RetrySafety usualSafety;
    private final int usualRetries;

    ErrorCategory(RetrySafety usualSafety, int usualRetries) {
        this.usualSafety = usualSafety;
        this.usualRetries = usualRetries;
    }

    /** How many retries may follow failures of this category, unless the exception says otherwise. */
    int usualRetries() {
        return usualRetries;
    }

    /** The retry safety of an exception of this category unless it says otherwise. */
    public RetrySafety usualSafety() {
        return usualSafety;
    }

    private static final class Limits {
        /** As many as the policy lets. */
        static final int ANY = Integer.MAX_VALUE;
    }
}
