package io.foretell.grpc;

import static io.foretell.error.ErrorCategory.AUTH;
import static io.foretell.error.ErrorCategory.AUTH_EXPIRED;
import static io.foretell.error.ErrorCategory.CANCELLED;
import static io.foretell.error.ErrorCategory.CLOSED;
import static io.foretell.error.ErrorCategory.CONNECT;
import static io.foretell.error.ErrorCategory.CONNECTION_LOST;
import static io.foretell.error.ErrorCategory.DEADLINE;
import static io.foretell.error.ErrorCategory.INVALID_REQUEST;
import static io.foretell.error.ErrorCategory.MODEL_FAULT;
import static io.foretell.error.ErrorCategory.NOT_FOUND;
import static io.foretell.error.ErrorCategory.OVERLOADED;
import static io.foretell.error.ErrorCategory.PAYLOAD_TOO_LARGE;
import static io.foretell.error.ErrorCategory.PROTOCOL;
import static io.foretell.error.ErrorCategory.SERVER_FAULT;
import static io.foretell.error.ErrorCategory.THROTTLED;
import static io.foretell.error.ErrorCategory.TIMEOUT;
import static io.foretell.error.ErrorCategory.TLS;
import static io.foretell.error.RetrySafety.SAFE;
import static io.foretell.error.RetrySafety.UNKNOWN;
import static io.foretell.error.RetrySafety.UNSAFE;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.grpc.Status;
import java.util.Objects;
import javax.net.ssl.SSLException;

/**
 * What each gRPC status means, and whether the model may have run.
 *
 * <p>The same code means one thing from the server and another from gRPC's own client code, which uses it for failures of
 * the connection. The server's answers come with trailers; that tells the two apart.
 */
final class GrpcErrors {
    private GrpcErrors() {}

    /** A status put in our terms. */
    record Meaning(ErrorCategory category, RetrySafety retrySafety) {}

    /**
     * How far a call got.
     *
     * @param sent whether the request's headers went out
     * @param answered whether the server's trailers came in
     * @param deadlinePassed whether the call has run out of time
     * @param closed whether the transport is closed
     */
    record Progress(boolean sent, boolean answered, boolean deadlinePassed, boolean closed) {}

    static Meaning meaning(Status status, Progress progress) {
        if (progress.answered()) {
            return fromServer(status, progress);
        }
        return progress.sent() ? fromConnection(status) : neverSent(status, progress);
    }

    private static Meaning fromServer(Status status, Progress progress) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> new Meaning(OVERLOADED, SAFE);
            case DEADLINE_EXCEEDED -> new Meaning(progress.deadlinePassed() ? DEADLINE : TIMEOUT, UNKNOWN);
            case RESOURCE_EXHAUSTED ->
                aboutSize(status)
                        ? new Meaning(PAYLOAD_TOO_LARGE, aboutTheAnswer(status) ? UNSAFE : SAFE)
                        : new Meaning(THROTTLED, SAFE);
            case NOT_FOUND -> new Meaning(NOT_FOUND, SAFE);
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
                new Meaning(INVALID_REQUEST, SAFE);
            case ABORTED -> new Meaning(SERVER_FAULT, UNKNOWN);
            case UNAUTHENTICATED -> new Meaning(AUTH_EXPIRED, SAFE);
            case PERMISSION_DENIED -> new Meaning(AUTH, SAFE);
            case CANCELLED -> new Meaning(CONNECTION_LOST, UNKNOWN);
            case INTERNAL, UNKNOWN, DATA_LOSS, ALREADY_EXISTS -> new Meaning(MODEL_FAULT, UNSAFE);
            case OK -> new Meaning(PROTOCOL, UNSAFE); // without the one message there must be
        };
    }

    /** The request went out, and something broke before the server's answer was complete. */
    private static Meaning fromConnection(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> new Meaning(CONNECTION_LOST, UNKNOWN);
            case DEADLINE_EXCEEDED -> new Meaning(DEADLINE, UNKNOWN);
            case RESOURCE_EXHAUSTED ->
                aboutSize(status) ? new Meaning(PAYLOAD_TOO_LARGE, UNSAFE) : new Meaning(THROTTLED, SAFE);
            case CANCELLED -> cancelled(status);
            case UNAUTHENTICATED -> new Meaning(AUTH_EXPIRED, SAFE);
            case PERMISSION_DENIED -> new Meaning(AUTH, SAFE);
            case UNIMPLEMENTED -> new Meaning(INVALID_REQUEST, SAFE);
            default -> new Meaning(PROTOCOL, UNKNOWN);
        };
    }

    private static Meaning cancelled(Status status) {
        if (hasCause(status, InvalidProtocolBufferException.class)) { // gRPC gives up on what it cannot parse
            return new Meaning(PROTOCOL, UNSAFE);
        }
        boolean reset = description(status).contains("RST_STREAM");
        return new Meaning(reset ? CONNECTION_LOST : CANCELLED, UNKNOWN);
    }

    private static Meaning neverSent(Status status, Progress progress) {
        ErrorCategory category = switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> DEADLINE;
            case CANCELLED -> CANCELLED;
            case UNAVAILABLE -> progress.closed() ? CLOSED : connectOrTls(status);
            default -> connectOrTls(status);
        };
        return new Meaning(category, SAFE);
    }

    private static ErrorCategory connectOrTls(Status status) {
        return hasCause(status, SSLException.class) ? TLS : CONNECT;
    }

    /** gRPC has one code for quotas and for sizes; only the text differs, here that of grpc-java and gRPC core. */
    private static boolean aboutSize(Status status) {
        String text = description(status);
        return text.contains("exceeds maximum size") || text.contains("message larger than max");
    }

    /** The server could not send what the model has answered; gRPC core's text. */
    private static boolean aboutTheAnswer(Status status) {
        return description(status).contains("Sent message larger than max");
    }

    private static boolean hasCause(Status status, Class<? extends Throwable> type) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String description(Status status) {
        return Objects.requireNonNullElse(status.getDescription(), "");
    }
}
