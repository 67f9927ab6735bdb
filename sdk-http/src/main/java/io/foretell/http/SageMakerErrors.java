package io.foretell.http;

import static io.foretell.error.RetrySafety.SAFE;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;

/**
 * The one place that gives a failure of an exchange its category. What the service answered is judged by status, error
 * code and the container's own status; what happened before or instead of an answer, by the exceptions beneath.
 */
final class SageMakerErrors {
    private static final Set<String> AUTH_CODES = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "InvalidClientTokenId",
            "UnrecognizedClient",
            "UnrecognizedClientException");
    private static final Set<String> EXPIRED_CODES = Set.of("ExpiredToken", "ExpiredTokenException");
    private static final Set<String> SIGNATURE_CODES = Set.of(
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException");
    private static final Set<String> NOT_FOUND_CODES = Set.of("ResourceNotFound", "ResourceNotFoundException");

    private final String endpoint;

    SageMakerErrors(String endpoint) {
        this.endpoint = endpoint;
    }

    /** The failure in the library's own terms. */
    InferenceException of(Throwable fault, @Nullable String model) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof InferenceException known) {
                return known.toBuilder().endpoint(endpoint).model(model).build();
            }
            if (cause instanceof AwsServiceException answered) {
                return answered(answered, model);
            }
        }
        return unanswered(fault, model);
    }

    /** Starts an error about this endpoint. */
    InferenceException.Builder about(ErrorCategory category, String what, @Nullable String model) {
        return InferenceException.of(category)
                .message("SageMaker endpoint " + endpoint + ": " + what)
                .endpoint(endpoint)
                .model(model);
    }

    /** The SDK's exception is not the cause: its message is the server's text as it came, for any log to take in. */
    private InferenceException answered(AwsServiceException fault, @Nullable String model) {
        String code = code(fault);
        String said = Objects.requireNonNullElse(
                fault.awsErrorDetails() == null ? null : fault.awsErrorDetails().errorMessage(), "");
        String transportCode = (fault.statusCode() + " " + code).trim();
        InferenceException.Builder error = about(
                        category(fault, code, said.toLowerCase(Locale.ROOT)), transportCode + ": " + said, model)
                .transportCode(transportCode)
                .requestId(fault.requestId());
        if (fault instanceof ModelErrorException failed) {
            int status = failed.originalStatusCode() == null ? 0 : failed.originalStatusCode();
            error.originalStatus(status, failed.originalMessage(), failed.logStreamArn());
        }
        return error.build();
    }

    private static String code(AwsServiceException fault) {
        String code =
                fault.awsErrorDetails() == null ? null : fault.awsErrorDetails().errorCode();
        return code == null ? "" : code;
    }

    private static ErrorCategory category(AwsServiceException fault, String code, String said) {
        if (fault instanceof ModelErrorException failed) {
            return ofContainer(failed.originalStatusCode());
        }
        if (code.equals("ModelNotReadyException")) {
            return ErrorCategory.NOT_READY;
        }
        if (fault.isThrottlingException()) {
            return ErrorCategory.THROTTLED;
        }
        if (EXPIRED_CODES.contains(code)) {
            return ErrorCategory.AUTH_EXPIRED;
        }
        if (AUTH_CODES.contains(code)) {
            return ErrorCategory.AUTH;
        }
        // A signature's age is told in words; what the SDK knew of the Date is lost when it rebuilds the exception.
        if (fault.isClockSkewException()
                || said.startsWith("signature expired")
                || said.startsWith("signature not yet current")) {
            return ErrorCategory.CLOCK_SKEW;
        }
        if (SIGNATURE_CODES.contains(code)) {
            return ErrorCategory.AUTH;
        }
        if (NOT_FOUND_CODES.contains(code)) {
            return ErrorCategory.NOT_FOUND;
        }
        return ofStatus(fault.statusCode(), said);
    }

    private static ErrorCategory ofStatus(int status, String said) {
        return switch (status) {
            case 400 -> ofValidation(said);
            case 401, 403 -> ErrorCategory.AUTH;
            case 404 -> ErrorCategory.NOT_FOUND;
            case 413 -> ErrorCategory.PAYLOAD_TOO_LARGE;
            case 503 -> ErrorCategory.OVERLOADED;
            default -> {
                if (status < 400 || status > 599) { // Netty calls 999 what is no HTTP
                    yield ErrorCategory.PROTOCOL;
                }
                yield status < 500 ? ErrorCategory.INVALID_REQUEST : ErrorCategory.SERVER_FAULT;
            }
        };
    }

    /** The service has one code for whatever is wrong with a request; only its text tells these cases apart. */
    private static ErrorCategory ofValidation(String said) {
        if (said.startsWith("endpoint ") && said.contains(" not found")) {
            return ErrorCategory.NOT_FOUND;
        }
        boolean size = said.contains("too large")
                || said.contains("exceed")
                        && (said.contains("size") || said.contains("length") || said.contains("bytes"))
                || said.contains("'body'") && said.contains("length less than");
        return size ? ErrorCategory.PAYLOAD_TOO_LARGE : ErrorCategory.INVALID_REQUEST;
    }

    private static ErrorCategory ofContainer(@Nullable Integer original) {
        if (original == null) {
            return ErrorCategory.MODEL_FAULT;
        }
        return switch (original) {
            case 0 -> ErrorCategory.MODEL_TIMEOUT;
            case 429 -> ErrorCategory.THROTTLED;
            case 503, 507 -> ErrorCategory.OVERLOADED;
            default -> original >= 400 && original < 500 ? ErrorCategory.MODEL_CLIENT_ERROR : ErrorCategory.MODEL_FAULT;
        };
    }

    private InferenceException unanswered(Throwable fault, @Nullable String model) {
        Local kind = said(fault);
        return about(
                        kind == null ? ErrorCategory.INTERNAL : kind.category,
                        kind == null ? "unexpected " + fault.getClass().getName() : kind.text,
                        model)
                .cause(fault)
                .build();
    }

    /** TLS says most, wherever it stands: Netty wraps it as if the answer could not be decoded. */
    private static @Nullable Local said(Throwable fault) {
        Local first = null;
        boolean network = false;
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            Local kind = kind(cause);
            if (kind == Local.TLS) {
                return kind;
            }
            first = first == null ? kind : first;
            network |= cause instanceof IOException;
        }
        return first == null && network ? Local.LOST : first;
    }

    /** What can happen without an answer. */
    private enum Local {
        CONNECT(ErrorCategory.CONNECT, "no connection could be made"),
        TLS(ErrorCategory.TLS, "TLS was refused: check the certificate, the host name and what is trusted"),
        POOL(ErrorCategory.LOCAL_REJECTED, "no connection became free in time: raise maxConnections or send less"),
        TIMEOUT(ErrorCategory.TIMEOUT, "no byte was read or written for too long"),
        LOST(ErrorCategory.CONNECTION_LOST, "the connection ended before the answer did"),
        MALFORMED(ErrorCategory.PROTOCOL, "the answer is cut off or no HTTP");

        private final ErrorCategory category;
        private final String text;

        Local(ErrorCategory category, String text) {
            this.category = category;
            this.text = text;
        }
    }

    /**
     * What one exception of the chain says; null where it says nothing. Engines are told apart by simple names and
     * texts, so that none of them needs to be there.
     */
    private static @Nullable Local kind(Throwable cause) {
        String type = cause.getClass().getSimpleName();
        String text = Objects.requireNonNullElse(cause.getMessage(), "");
        if (cause instanceof SSLException) {
            return tls(cause, type, text);
        }
        if (text.contains("Acquire operation took longer")
                || text.contains("pending acquire")
                || text.contains("pending connection acqui")
                || text.contains("outstanding acquire")) {
            return Local.POOL;
        }
        if (cause instanceof ConnectException
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException) {
            return Local.CONNECT;
        }
        if (cause instanceof SocketTimeoutException
                || type.equals("ReadTimeoutException")
                || type.equals("WriteTimeoutException")
                || cause instanceof ApiCallTimeoutException
                || cause instanceof ApiCallAttemptTimeoutException) {
            return Local.TIMEOUT;
        }
        if (text.contains("content-length of")
                || type.endsWith("DecoderException")
                || type.equals("TooLongFrameException")
                || text.startsWith("Unable to unmarshall")) {
            return Local.MALFORMED;
        }
        return type.endsWith("ClosedChannelException") ? Local.LOST : null;
    }

    private static Local tls(Throwable cause, String type, String text) {
        boolean refused = cause instanceof SSLHandshakeException
                || cause instanceof SSLPeerUnverifiedException
                || type.equals("NotSslRecordException")
                || text.contains("fatal alert");
        return refused ? Local.TLS : Local.LOST;
    }

    /** A failure of a format to write tensors: nothing was sent. */
    InferenceException unwritten(RuntimeException fault, @Nullable String model) {
        return format(fault, "write the request", model).retrySafety(SAFE).build();
    }

    /** A failure of a format to read tensors from an answer. */
    InferenceException unread(RuntimeException fault, @Nullable String model) {
        return format(fault, "read the answer", model).build();
    }

    /** What the format tells in the library's own terms stands as it is. */
    private InferenceException.Builder format(RuntimeException fault, String what, @Nullable String model) {
        return fault instanceof InferenceException known
                ? known.toBuilder().endpoint(endpoint).model(model)
                : about(ErrorCategory.CODEC, "the tensor format failed to " + what, model)
                        .cause(fault);
    }

    /** A failure to get hold of credentials. */
    InferenceException noCredentials(Throwable fault) {
        return about(ErrorCategory.AUTH, "credentials cannot be loaded", null)
                .retrySafety(SAFE)
                .cause(fault)
                .build();
    }
}
