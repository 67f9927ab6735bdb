package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;
import software.amazon.awssdk.services.sagemakerruntime.model.SageMakerRuntimeException;

class SageMakerErrorsTest {
    private final SageMakerErrors errors = new SageMakerErrors("iris");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | ValidationError              | bad header                       | INVALID_REQUEST   | SAFE",
                "400 | ValidationError              | Endpoint iris of account 1 not found. | NOT_FOUND    | SAFE",
                "400 | ValidationError              | Payload size exceeds 4 MB        | PAYLOAD_TOO_LARGE | SAFE",
                "400 | ValidationError              | Request body too large           | PAYLOAD_TOO_LARGE | SAFE",
                "400 | ThrottlingException          | Rate exceeded                    | THROTTLED         | SAFE",
                "429 | ThrottlingException          | Rate exceeded                    | THROTTLED         | SAFE",
                "429 |                              | slow down                        | THROTTLED         | SAFE",
                "403 | AccessDeniedException        | no                               | AUTH              | SAFE",
                "403 | InvalidClientTokenId         | no                               | AUTH              | SAFE",
                "403 | UnrecognizedClientException  | no                               | AUTH              | SAFE",
                "403 | SignatureDoesNotMatch        | no                               | AUTH              | SAFE",
                "403 | IncompleteSignature          | no                               | AUTH              | SAFE",
                "400 | IncompleteSignatureException | no                               | AUTH              | SAFE",
                "400 | InvalidSignatureException    | no                               | AUTH              | SAFE",
                "400 | SignatureDoesNotMatch        | no                               | AUTH              | SAFE",
                "400 | MissingAuthenticationTokenException | no                        | AUTH              | SAFE",
                "403 |                              | no                               | AUTH              | SAFE",
                "403 | ExpiredTokenException        | expired                          | AUTH_EXPIRED      | SAFE",
                "400 | ExpiredToken                 | expired                          | AUTH_EXPIRED      | SAFE",
                "403 | RequestTimeTooSkewed         | clock                            | CLOCK_SKEW        | SAFE",
                "404 | ResourceNotFound             | none                             | NOT_FOUND         | SAFE",
                "400 | ResourceNotFoundException    | none                             | NOT_FOUND         | SAFE",
                "404 |                              | none                             | NOT_FOUND         | SAFE",
                "413 |                              | content length exceeded 5246976  | PAYLOAD_TOO_LARGE | SAFE",
                "429 | ModelNotReadyException       | loading                          | NOT_READY         | SAFE",
                "500 | InternalFailure              | oops                             | SERVER_FAULT      | UNKNOWN",
                "502 |                              | bad gateway                      | SERVER_FAULT      | UNKNOWN",
                "503 | ServiceUnavailable           | busy                             | OVERLOADED        | SAFE",
                "504 |                              | late                             | SERVER_FAULT      | UNKNOWN",
                "530 | InternalDependencyException  | oops                             | SERVER_FAULT      | UNKNOWN",
                "415 |                              | no such type                     | INVALID_REQUEST   | SAFE",
                "301 |                              | elsewhere                        | PROTOCOL          | UNSAFE",
                "999 |                              | no HTTP                          | PROTOCOL          | UNSAFE"
            })
    void of_answer_followsTheTable(
            int status, String code, String message, ErrorCategory category, RetrySafety safety) {
        AwsServiceException fault = SageMakerRuntimeException.builder()
                .statusCode(status)
                .requestId("r-1")
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(message)
                        .build())
                .build();

        InferenceException error = errors.of(new CompletionException(fault), "m");

        assertThat(error.category()).isEqualTo(category);
        assertThat(error.retrySafety()).isEqualTo(safety);
        assertThat(error.transportCode()).isEqualTo(code == null ? "" + status : status + " " + code);
        assertThat(error.requestId()).isEqualTo("r-1");
        assertThat(error.endpoint()).isEqualTo("iris");
        assertThat(error.model()).isEqualTo("m");
        assertThat(error).hasMessageContaining(message).hasNoCause();
    }

    @Test
    void of_signatureRefused_leavesOutWhatWasSigned() {
        AwsServiceException fault = SageMakerRuntimeException.builder()
                .statusCode(403)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("InvalidSignatureException")
                        .errorMessage("It does not match.\n\nThe Canonical String for this request should have been\n"
                                + "'POST\nx-amz-security-token:the-token'")
                        .build())
                .build();

        InferenceException error = errors.of(fault, null);

        assertThat(error.category()).isEqualTo(ErrorCategory.AUTH);
        assertThat(error.getMessage()).endsWith("It does not match.");
    }

    @ParameterizedTest
    @CsvSource({
        "400, MODEL_CLIENT_ERROR, UNSAFE",
        "413, MODEL_CLIENT_ERROR, UNSAFE",
        "415, MODEL_CLIENT_ERROR, UNSAFE",
        "422, MODEL_CLIENT_ERROR, UNSAFE",
        "429, THROTTLED, SAFE",
        "500, MODEL_FAULT, UNSAFE",
        "502, MODEL_FAULT, UNSAFE",
        "504, MODEL_FAULT, UNSAFE",
        "503, OVERLOADED, SAFE",
        "507, OVERLOADED, SAFE",
        "0, MODEL_TIMEOUT, UNSAFE",
        ", MODEL_FAULT, UNSAFE"
    })
    void of_modelError_followsTheContainersStatus(Integer original, ErrorCategory category, RetrySafety safety) {
        AwsServiceException fault = (AwsServiceException) ModelErrorException.builder()
                .originalStatusCode(original)
                .originalMessage("boom")
                .logStreamArn("arn:log")
                .statusCode(424)
                .awsErrorDetails(
                        AwsErrorDetails.builder().errorCode("ModelError").build())
                .build();

        InferenceException error = errors.of(fault, null);

        assertThat(error.category()).isEqualTo(category);
        assertThat(error.retrySafety()).isEqualTo(safety);
        assertThat(error.transportCode()).isEqualTo("424 ModelError");
        assertThat(error.originalStatus()).isEqualTo(original == null ? 0 : original);
        assertThat(error.originalMessage()).isEqualTo("boom");
        assertThat(error.logStream()).isEqualTo("arn:log");
    }

    @Test
    void of_badSignatureWithClockFarOff_isClockSkew() {
        AwsServiceException fault = AwsServiceException.builder()
                .clockSkew(Duration.ZERO)
                .statusCode(403)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode("InvalidSignatureException")
                        .sdkHttpResponse(SdkHttpResponse.builder()
                                .statusCode(403)
                                .putHeader("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
                                .build())
                        .build())
                .build();

        assertThat(errors.of(fault, null).category()).isEqualTo(ErrorCategory.CLOCK_SKEW);
    }

    static Stream<Arguments> localFaults() {
        return Stream.of(
                Arguments.of(new ConnectException("refused"), ErrorCategory.CONNECT, RetrySafety.SAFE),
                Arguments.of(new UnknownHostException("h"), ErrorCategory.CONNECT, RetrySafety.SAFE),
                Arguments.of(
                        new io.netty.channel.ConnectTimeoutException("late"), ErrorCategory.CONNECT, RetrySafety.SAFE),
                Arguments.of(new SSLHandshakeException("untrusted"), ErrorCategory.TLS, RetrySafety.SAFE),
                Arguments.of(
                        new SSLException("Received fatal alert: certificate_required"),
                        ErrorCategory.TLS,
                        RetrySafety.SAFE),
                Arguments.of(
                        new SSLException("closing inbound before receiving peer's close_notify"),
                        ErrorCategory.CONNECTION_LOST,
                        RetrySafety.UNKNOWN),
                Arguments.of(
                        new Throwable(
                                "Acquire operation took longer than the configured maximum time.",
                                new TimeoutException()),
                        ErrorCategory.LOCAL_REJECTED,
                        RetrySafety.SAFE),
                Arguments.of(
                        new IllegalStateException("Too many outstanding acquire operations"),
                        ErrorCategory.LOCAL_REJECTED,
                        RetrySafety.SAFE),
                Arguments.of(
                        new IOException("Read timed out", io.netty.handler.timeout.ReadTimeoutException.INSTANCE),
                        ErrorCategory.TIMEOUT,
                        RetrySafety.UNKNOWN),
                Arguments.of(new SocketTimeoutException(), ErrorCategory.TIMEOUT, RetrySafety.UNKNOWN),
                Arguments.of(new ClosedChannelException(), ErrorCategory.CONNECTION_LOST, RetrySafety.UNKNOWN),
                Arguments.of(
                        new IOException("Connection reset by peer"),
                        ErrorCategory.CONNECTION_LOST,
                        RetrySafety.UNKNOWN),
                Arguments.of(
                        new IOException("Response had content-length of 9 bytes, but only received 3 bytes"),
                        ErrorCategory.PROTOCOL,
                        RetrySafety.UNSAFE),
                Arguments.of(
                        new io.netty.handler.codec.DecoderException("chunk"),
                        ErrorCategory.PROTOCOL,
                        RetrySafety.UNSAFE),
                Arguments.of(new IllegalArgumentException("?"), ErrorCategory.INTERNAL, RetrySafety.UNKNOWN),
                Arguments.of(new IllegalStateException("?"), ErrorCategory.INTERNAL, RetrySafety.UNKNOWN));
    }

    @ParameterizedTest
    @MethodSource("localFaults")
    void of_noAnswer_walksTheCauses(Throwable fault, ErrorCategory category, RetrySafety safety) {
        SdkClientException outer = SdkClientException.create("Unable to execute HTTP request", fault);

        InferenceException error = errors.of(new CompletionException(outer), null);

        assertThat(error.category()).isEqualTo(category);
        assertThat(error.retrySafety()).isEqualTo(safety);
        assertThat(error).hasMessageStartingWith("SageMaker endpoint iris: ");
    }
}
