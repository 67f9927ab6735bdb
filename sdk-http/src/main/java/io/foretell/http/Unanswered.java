package io.foretell.http;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * What can happen without an answer, read off the exceptions beneath. Engines are told apart by simple names and texts,
 * so that none of them needs to be there.
 */
enum Unanswered {
    CONNECT(ErrorCategory.CONNECT, "no connection could be made"),
    TLS(ErrorCategory.TLS, "TLS was refused: check the certificate, the host name and what is trusted"),
    POOL(ErrorCategory.LOCAL_REJECTED, "no connection became free in time: raise maxConnections or send less"),
    /** Ours, not the user's: as long as a model may take at all, so that another try would take as long again. */
    TIMEOUT(ErrorCategory.TIMEOUT, "no byte was read or written for too long"),
    LOST(ErrorCategory.CONNECTION_LOST, "the connection ended before the answer did"),
    /** The end of the request never left, so that nobody can have run it. */
    UNSENT(ErrorCategory.CONNECTION_LOST, "the connection was closed before the request was written"),
    MALFORMED(ErrorCategory.PROTOCOL, "the answer is cut off or no HTTP");

    private final ErrorCategory category;
    private final String text;

    Unanswered(ErrorCategory category, String text) {
        this.category = category;
        this.text = text;
    }

    ErrorCategory category() {
        return category;
    }

    String text() {
        return text;
    }

    /** Adds to an error what its category does not say. */
    InferenceException.Builder complete(InferenceException.Builder error, Throwable fault) {
        return switch (this) {
            case TIMEOUT -> error.maxRetries(0).cause(fault);
            case UNSENT -> error.retrySafety(RetrySafety.SAFE).cause(fault);
            case MALFORMED -> error; // parsers quote what they could not read, which may be the answer's payload
            default -> error.cause(fault);
        };
    }

    /**
     * What a failure says; null where it says nothing. TLS says most, wherever it stands: Netty wraps it as if the answer
     * could not be decoded.
     */
    static @Nullable Unanswered of(Throwable fault) {
        Unanswered first = null;
        boolean network = false;
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            Unanswered kind = kind(cause);
            if (kind == TLS) {
                return kind;
            }
            first = first == null ? kind : first;
            network |= cause instanceof IOException;
        }
        return first == null && network ? LOST : first;
    }

    private static @Nullable Unanswered kind(Throwable cause) {
        String type = cause.getClass().getSimpleName();
        String text = Objects.requireNonNullElse(cause.getMessage(), "");
        if (cause instanceof SSLException) {
            return tls(cause, type, text);
        }
        if (text.contains("Acquire operation took longer")
                || text.contains("pending acquire")
                || text.contains("pending connection acqui")
                || text.contains("outstanding acquire")) {
            return POOL;
        }
        if (cause instanceof ConnectException
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException) {
            return CONNECT;
        }
        if (cause instanceof SocketTimeoutException
                || type.equals("ReadTimeoutException")
                || type.equals("WriteTimeoutException")
                || cause instanceof ApiCallTimeoutException
                || cause instanceof ApiCallAttemptTimeoutException) {
            return TIMEOUT;
        }
        if (cause instanceof NumberFormatException
                || text.contains("content-length of")
                || type.endsWith("DecoderException")
                || type.equals("TooLongFrameException")
                || text.startsWith("Unable to unmarshall")) {
            return MALFORMED;
        }
        // Netty fails a write with this one, and nothing else.
        if (type.equals("StacklessClosedChannelException")) {
            return UNSENT;
        }
        return type.endsWith("ClosedChannelException") ? LOST : null;
    }

    /** A handshake that nobody refused but that did not come to its end carried no request. */
    private static Unanswered tls(Throwable cause, String type, String text) {
        if (type.equals("SslHandshakeTimeoutException")
                || text.startsWith("Connection closed while SSL/TLS handshake")) {
            return CONNECT;
        }
        boolean refused = cause instanceof SSLHandshakeException
                || cause instanceof SSLPeerUnverifiedException
                || type.equals("NotSslRecordException")
                || text.contains("fatal alert");
        return refused ? TLS : LOST;
    }
}
