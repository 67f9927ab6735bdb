package io.foretell.error;

import static io.foretell.error.RetrySafety.SAFE;
import static io.foretell.error.RetrySafety.UNKNOWN;
import static io.foretell.error.RetrySafety.UNSAFE;

/** What went wrong, in terms that do not depend on the transport. Decides the exception's type. */
public enum ErrorCategory {
    /** The request is at fault; the same request fails again. */
    INVALID_REQUEST(SAFE),
    /** The request or the answer is larger than a limit. */
    PAYLOAD_TOO_LARGE(SAFE),
    /** Credentials are missing, unknown or not allowed to do this. */
    AUTH(SAFE),
    /** Credentials were good and have expired. */
    AUTH_EXPIRED(SAFE),
    /** The clocks of client and server differ too much for the signature. */
    CLOCK_SKEW(SAFE),
    /** There is no such endpoint, model or version. */
    NOT_FOUND(SAFE),
    /** The model exists and is still being loaded. */
    NOT_READY(SAFE),
    /** A quota is used up: slow down. */
    THROTTLED(SAFE),
    /** The server sheds load or has no capacity now. */
    OVERLOADED(SAFE),
    /** The service failed, outside the model. */
    SERVER_FAULT(UNKNOWN),
    /** The model's container refused the input. */
    MODEL_CLIENT_ERROR(UNSAFE),
    /** The model or its container failed. */
    MODEL_FAULT(UNSAFE),
    /** The model took longer than the service lets it. */
    MODEL_TIMEOUT(UNSAFE),
    /** No connection could be made. */
    CONNECT(SAFE),
    /** The TLS handshake was refused by one of the sides. */
    TLS(SAFE),
    /** One attempt took longer than it may. */
    TIMEOUT(UNKNOWN),
    /** The connection ended before the answer did. */
    CONNECTION_LOST(UNKNOWN),
    /** The answer is cut off or breaks the protocol. */
    PROTOCOL(UNSAFE),
    /** A value could not be encoded, or an answer not be decoded. */
    CODEC(UNSAFE),
    /** A limit of this client refused the call; nothing was sent. */
    LOCAL_REJECTED(SAFE),
    /** The predictor is closed. */
    CLOSED(SAFE),
    /** The caller gave up; thrown as {@link java.util.concurrent.CancellationException}. */
    CANCELLED(UNKNOWN),
    /** The call's deadline passed. */
    DEADLINE(UNKNOWN),
    /** A fault of this library, or of an interceptor or transport that broke its contract. */
    INTERNAL(UNKNOWN);

    private final RetrySafety usualSafety;

    ErrorCategory(RetrySafety usualSafety) {
        this.usualSafety = usualSafety;
    }

    /** The retry safety of an exception of this category unless it says otherwise. */
    public RetrySafety usualSafety() {
        return usualSafety;
    }
}
