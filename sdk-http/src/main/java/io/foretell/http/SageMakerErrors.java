package io.foretell.http;

import static io.foretell.error.RetrySafety.SAFE;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;

/**
 * The one place that gives a failure of an exchange its category. What the service answered is judged by status, error
 * code and the container's own status; what happened before or instead of an answer, by {@link Unanswered}.
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
        String said = said(fault);
        String transportCode = (fault.statusCode() + " " + code).trim();
        InferenceException.Builder error = about(
                        category(fault, code, said.toLowerCase(Locale.ROOT)), transportCode + ": " + said, model)
                .transportCode(transportCode)
                .requestId(fault.requestId());
        limitRetries(error, fault.statusCode());
        error.pushback(pushback(fault));
        if (fault instanceof ModelErrorException failed) {
            int status = failed.originalStatusCode() == null ? 0 : failed.originalStatusCode();
            error.originalStatus(status, failed.originalMessage(), failed.logStreamArn());
        }
        return error.build();
    }

    /** A gateway that gave up may have left the model running; a dependency's fault stays for longer than a call. */
    private static void limitRetries(InferenceException.Builder error, int status) {
        switch (status) {
            case 504 -> error.maxRetries(1);
            case 530 -> error.maxRetries(0);
            default -> {}
        }
    }

    private static @Nullable Duration pushback(AwsServiceException fault) {
        SdkHttpResponse answer =
                fault.awsErrorDetails() == null ? null : fault.awsErrorDetails().sdkHttpResponse();
        return answer == null ? null : Pushback.of(answer);
    }

    /** A refused signature is explained by all that was to be signed, and that holds the session token. */
    private static String said(AwsServiceException fault) {
        String text =
                fault.awsErrorDetails() == null ? null : fault.awsErrorDetails().errorMessage();
        if (text == null) {
            return "";
        }
        int signed = text.indexOf("The Canonical String for this request");
        return signed < 0 ? text : text.substring(0, signed).strip();
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
        Unanswered kind = Unanswered.of(fault);
        return kind == null
                ? about(
                                ErrorCategory.INTERNAL,
                                "unexpected " + root(fault).getClass().getName(),
                                model)
                        .cause(fault)
                        .build()
                : kind.complete(about(kind.category(), kind.text(), model), fault)
                        .build();
    }

    private static Throwable root(Throwable fault) {
        Throwable root = fault;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
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
                .maxRetries(1)
                .cause(fault)
                .build();
    }

    /** Nobody else would sign another attempt. */
    InferenceException stillExpired(InferenceException refusal) {
        return refusal.toBuilder()
                .message(refusal.getMessage() + " (and the provider has no other credentials)")
                .maxRetries(0)
                .build();
    }
}
