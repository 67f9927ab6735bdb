package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real server answers, and what becomes of it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GrpcErrorTableTest {
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private LoopbackServer server;
    private TensorFlowServing transport;

    @BeforeEach
    void start() throws Exception {
        server = new LoopbackServer();
        transport = Calls.plaintext(server.target()).build();
    }

    @AfterEach
    void stop() {
        transport.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, OVERLOADED, SAFE, ",
        "DEADLINE_EXCEEDED, TIMEOUT, UNKNOWN, 1",
        "RESOURCE_EXHAUSTED, THROTTLED, SAFE, ",
        "NOT_FOUND, NOT_FOUND, SAFE, 0",
        "INVALID_ARGUMENT, INVALID_REQUEST, SAFE, 0",
        "FAILED_PRECONDITION, INVALID_REQUEST, SAFE, 0",
        "OUT_OF_RANGE, INVALID_REQUEST, SAFE, 0",
        "INTERNAL, MODEL_FAULT, UNSAFE, 0",
        "UNKNOWN, MODEL_FAULT, UNSAFE, 0",
        "DATA_LOSS, MODEL_FAULT, UNSAFE, 0",
        "ABORTED, SERVER_FAULT, UNKNOWN, 1",
        "UNIMPLEMENTED, INVALID_REQUEST, SAFE, 0",
        "UNAUTHENTICATED, AUTH_EXPIRED, SAFE, 0",
        "PERMISSION_DENIED, AUTH, SAFE, 0",
        "CANCELLED, CONNECTION_LOST, UNKNOWN, 1",
    })
    void status_ofTheServer_isWhatTheTableSays(
            Status.Code code, ErrorCategory category, RetrySafety safety, Integer maxRetries) {
        InferenceException fault = answer(code.toStatus().withDescription("what\nhappened"), new Metadata());

        assertThat(fault.category()).isEqualTo(category);
        assertThat(fault.retrySafety()).isEqualTo(safety);
        assertThat(fault.maxRetries()).isEqualTo(maxRetries == null ? Integer.MAX_VALUE : maxRetries);
        assertThat(fault.pushback()).isNull();
        assertThat(fault.transportCode()).isEqualTo(code.name());
        assertThat(fault.originalMessage()).isEqualTo("what\\u000ahappened");
        assertThat(fault.endpoint()).isEqualTo(server.target());
        assertThat(fault.model()).isEqualTo("iris");
        assertThat(fault).hasMessageContaining("what\\u000ahappened").hasMessageContaining(server.target());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1500, 1500",
        "2147483647, 2147483647",
        "-1, -1",
        "-7, -1",
        "2147483648, -1",
        "1.5, -1",
        "soon, -1",
        "'', -1",
    })
    void pushback_ofTheTrailers_isTheWaitOrNever(String sent, long millis) {
        Metadata trailers = new Metadata();
        trailers.put(PUSHBACK, sent);

        InferenceException fault = answer(Status.UNAVAILABLE, trailers);

        assertThat(fault.pushback()).isEqualTo(Duration.ofMillis(millis));
        assertThat(fault.category()).isEqualTo(ErrorCategory.OVERLOADED);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 500000000, PT2.5S",
        "0, 0, PT0S",
        "315576000000, 0, PT596523H14M7S",
        "-1, 0,",
        "0, -1,",
    })
    void retryInfo_ofTheDetails_isTheWait(long seconds, int nanos, Duration expected) {
        InferenceException fault = answer(Status.RESOURCE_EXHAUSTED, details(retryInfo(seconds, nanos)));

        assertThat(fault.pushback()).isEqualTo(expected);
        assertThat(fault.category()).isEqualTo(ErrorCategory.THROTTLED);
    }

    @Test
    void retryInfo_withoutADelay_saysNothing() {
        assertThat(answer(Status.RESOURCE_EXHAUSTED, details(RetryInfo.getDefaultInstance()))
                        .pushback())
                .isNull();
    }

    @Test
    void pushback_besideRetryInfo_decides() {
        Metadata trailers = details(retryInfo(9, 0));
        trailers.put(PUSHBACK, "-1");

        assertThat(answer(Status.RESOURCE_EXHAUSTED, trailers).pushback()).isNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0001", "not a message", "\u001a\u007f"})
    void details_thatCannotBeRead_sayNothing(String bytes) {
        Metadata trailers = new Metadata();
        trailers.put(DETAILS, bytes.getBytes(StandardCharsets.ISO_8859_1));

        InferenceException fault = answer(Status.RESOURCE_EXHAUSTED, trailers);

        assertThat(fault.pushback()).isNull();
        assertThat(fault.category()).isEqualTo(ErrorCategory.THROTTLED);
    }

    @Test
    void trailers_ofTheServer_neverStandInTheException() {
        Metadata trailers = new Metadata();
        trailers.put(Metadata.Key.of("set-cookie", Metadata.ASCII_STRING_MARSHALLER), "canary");

        InferenceException fault = answer(Status.INTERNAL.withDescription("sorry"), trailers);

        assertThat(fault).hasStackTraceContaining("sorry");
        assertThat(stackTrace(fault)).doesNotContain("canary");
    }

    private InferenceException answer(Status status, Metadata trailers) {
        server.answer((request, observer) -> observer.onError(status.asRuntimeException(trailers)));
        InferenceException fault = Calls.failure(Calls.send(transport));
        assertThat(server.calls()).isEqualTo(1);
        return fault;
    }

    private static Metadata details(RetryInfo info) {
        Metadata trailers = StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                        .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
                        .addDetails(Any.pack(com.google.protobuf.Duration.getDefaultInstance()))
                        .addDetails(Any.pack(info))
                        .build())
                .getTrailers();
        assertThat(trailers).isNotNull();
        return trailers;
    }

    private static RetryInfo retryInfo(long seconds, int nanos) {
        return RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(seconds)
                        .setNanos(nanos))
                .build();
    }

    private static String stackTrace(Throwable fault) {
        StringWriter text = new StringWriter();
        fault.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
