package io.foretell.grpc;

import static io.foretell.error.ErrorCategory.AUTH;
import static io.foretell.error.ErrorCategory.AUTH_EXPIRED;
import static io.foretell.error.ErrorCategory.CANCELLED;
import static io.foretell.error.ErrorCategory.CLOSED;
import static io.foretell.error.ErrorCategory.CONNECT;
import static io.foretell.error.ErrorCategory.CONNECTION_LOST;
import static io.foretell.error.ErrorCategory.DEADLINE;
import static io.foretell.error.ErrorCategory.INTERNAL;
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

import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What each gRPC status means, whether the model may have run, and how often to try again.
 *
 * <p>The same code means one thing from the server and another from gRPC's own client code, which uses it for failures of
 * the connection. The server's answers come with trailers; that tells the two apart. Within either group gRPC has more
 * reasons than codes, and only its texts differ: those read here are grpc-java's, and gRPC core's where it says so.
 */
final class GrpcErrors {
    private static final Pattern DUMP = Pattern.compile("(^|\\R)(headers: |trailers: |DATA---)");

    private GrpcErrors() {}

    /**
     * A status put in our terms.
     *
     * @param maxRetries how many retries may follow; null for what is usual for the category
     */
    record Meaning(
            ErrorCategory category,
            RetrySafety retrySafety,
            @Nullable Integer maxRetries) {
        Meaning(ErrorCategory category, RetrySafety retrySafety) {
            this(category, retrySafety, null);
        }
    }

    /**
     * How far a call got.
     *
     * @param sent on how many streams the request's headers went out; more than one only where the user's channel retries
     * @param started whether the headers of an answer came in
     * @param answered whether the server's trailers came in
     * @param deadlinePassed whether the call has run out of time
     * @param closed whether the transport is closed
     */
    record Progress(int sent, boolean started, boolean answered, boolean deadlinePassed, boolean closed) {}

    static Meaning meaning(Status status, Progress progress) {
        if (unreadable(status)) {
            return new Meaning(hasCause(status, GrpcErrors::tooLarge) ? PAYLOAD_TOO_LARGE : PROTOCOL, UNSAFE);
        }
        if (progress.answered() && !incomplete(status)) {
            return fromServer(status, progress);
        }
        return progress.sent() > 0 ? fromConnection(status, progress) : neverSent(status, progress);
    }

    private static Meaning fromServer(Status status, Progress progress) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> new Meaning(OVERLOADED, SAFE);
            case DEADLINE_EXCEEDED -> new Meaning(progress.deadlinePassed() ? DEADLINE : TIMEOUT, UNKNOWN);
            case RESOURCE_EXHAUSTED ->
                aboutSize(status)
                        ? new Meaning(PAYLOAD_TOO_LARGE, aboutTheAnswer(status, progress) ? UNSAFE : SAFE)
                        : new Meaning(THROTTLED, SAFE);
            case NOT_FOUND -> new Meaning(NOT_FOUND, SAFE);
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED ->
                new Meaning(INVALID_REQUEST, SAFE);
            case ABORTED -> new Meaning(SERVER_FAULT, UNKNOWN, 1);
            case UNAUTHENTICATED -> unauthenticated();
            case PERMISSION_DENIED -> new Meaning(AUTH, SAFE);
            case CANCELLED -> new Meaning(CONNECTION_LOST, UNKNOWN, 1);
            case INTERNAL, UNKNOWN, DATA_LOSS, ALREADY_EXISTS -> new Meaning(MODEL_FAULT, UNSAFE);
            case OK -> new Meaning(PROTOCOL, UNSAFE); // without the one message there must be
        };
    }

    /** The request went out, and something broke before the server's answer was complete. */
    private static Meaning fromConnection(Status status, Progress progress) {
        if (refused(status) && progress.sent() == 1 && !progress.started()) {
            return new Meaning(CONNECTION_LOST, SAFE);
        }
        return switch (status.getCode()) {
            case UNAVAILABLE -> new Meaning(CONNECTION_LOST, UNKNOWN);
            case DEADLINE_EXCEEDED -> new Meaning(DEADLINE, UNKNOWN);
            case RESOURCE_EXHAUSTED ->
                aboutSize(status) ? new Meaning(PAYLOAD_TOO_LARGE, UNSAFE) : new Meaning(THROTTLED, UNKNOWN);
            case CANCELLED ->
                description(status).contains("HTTP/2 error code: ") // reset by the server
                        ? new Meaning(CONNECTION_LOST, UNKNOWN, 1)
                        : new Meaning(CANCELLED, UNKNOWN);
            case UNAUTHENTICATED -> unauthenticated();
            case PERMISSION_DENIED -> new Meaning(AUTH, SAFE);
            case UNIMPLEMENTED -> new Meaning(INVALID_REQUEST, SAFE);
            default -> new Meaning(PROTOCOL, UNKNOWN);
        };
    }

    private static Meaning neverSent(Status status, Progress progress) {
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> new Meaning(DEADLINE, SAFE);
            case CANCELLED -> new Meaning(CANCELLED, SAFE);
            case UNAUTHENTICATED -> new Meaning(AUTH, SAFE, 1); // the user's channel could not load its credentials
            case UNAVAILABLE -> new Meaning(progress.closed() ? CLOSED : connectOrTls(status), SAFE);
            default -> new Meaning(connecting(status) ? connectOrTls(status) : INTERNAL, SAFE);
        };
    }

    /** Whether gRPC failed to connect. All else that ends a call before it is sent is of the user's channel. */
    private static boolean connecting(Status status) {
        return hasCause(status, IOException.class::isInstance)
                || description(status).startsWith("http2 exception");
    }

    /** There are no call credentials that another attempt could find renewed. */
    private static Meaning unauthenticated() {
        return new Meaning(AUTH_EXPIRED, SAFE, 0);
    }

    private static ErrorCategory connectOrTls(Status status) {
        return hasCause(status, SSLException.class::isInstance) ? TLS : CONNECT;
    }

    /**
     * The server says that it has not looked at the stream. Only of a GOAWAY without an error is that certain: servers on
     * Netty may name too low a last stream in one that tells of an error.
     */
    private static boolean refused(Status status) {
        String text = description(status);
        return text.startsWith("RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM")
                || text.startsWith("Abrupt GOAWAY closed sent stream. HTTP/2 error code: NO_ERROR");
    }

    /** There were trailers, but the status is not the server's: it gave none, or the message before it is cut off. */
    private static boolean incomplete(Status status) {
        String text = description(status);
        return text.contains("missing GRPC status") || text.startsWith("Encountered end-of-stream mid-frame");
    }

    /** The answer came, and gRPC gave up on it while it was unpacked or parsed. */
    private static boolean unreadable(Status status) {
        return status.getCode() == Status.Code.CANCELLED && description(status).startsWith("Failed to read message");
    }

    private static boolean tooLarge(Throwable cause) {
        return cause instanceof StatusRuntimeException fault && aboutSize(fault.getStatus());
    }

    /** gRPC has one code for quotas and for sizes; here the texts of grpc-java and gRPC core. */
    private static boolean aboutSize(Status status) {
        String text = description(status);
        return text.contains("exceeds maximum size") || text.contains("message larger than max");
    }

    /** The model has run: the answer had begun, or the server could not send it, as gRPC core says. */
    private static boolean aboutTheAnswer(Status status, Progress progress) {
        return progress.started() || description(status).contains("Sent message larger than max");
    }

    private static boolean hasCause(Status status, Predicate<Throwable> wanted) {
        return Stream.iterate(status.getCause(), Objects::nonNull, Throwable::getCause)
                .anyMatch(wanted);
    }

    /**
     * What a status of gRPC's own says. Of an answer that is no gRPC, such as a proxy's page, gRPC adds all headers and the
     * body, which may hold secrets: they are cut off.
     */
    static @Nullable String withoutDump(@Nullable String description) {
        return description == null ? null : DUMP.split(description, 2)[0];
    }

    private static String description(Status status) {
        return Objects.requireNonNullElse(status.getDescription(), "");
    }
}
