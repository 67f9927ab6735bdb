package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.InferenceResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How calls end that a server refuses, drops or answers with broken frames, and which of them provably never ran. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionFaultsTest {
    private static final Map<String, String> GRPC_HEADERS =
            fields(":status", "200", "content-type", "application/grpc");

    /** The errors of RFC 9113, section 7. */
    @ParameterizedTest
    @CsvSource({
        "0, CONNECTION_LOST, UNKNOWN, ",
        "1, PROTOCOL, UNKNOWN, 1",
        "2, PROTOCOL, UNKNOWN, 1",
        "7, CONNECTION_LOST, SAFE, ",
        "8, CONNECTION_LOST, UNKNOWN, 1",
        "11, THROTTLED, UNKNOWN, ",
    })
    void reset_ofTheStream_isWhatItsErrorSays(int error, ErrorCategory category, RetrySafety safety, Integer maxRetries)
            throws Exception {
        InferenceException fault = call((connection, stream) -> connection.reset(stream, error));

        assertThat(fault.category()).isEqualTo(category);
        assertThat(fault.retrySafety()).isEqualTo(safety);
        assertThat(fault.maxRetries()).isEqualTo(maxRetries == null ? Integer.MAX_VALUE : maxRetries);
    }

    @Test
    void refusedStream_afterTheAnswerBegan_mayHaveRun() throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(stream, false, GRPC_HEADERS);
            connection.reset(stream, FrameServer.REFUSED_STREAM);
        });

        assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
    }

    @Test
    void goAway_belowTheStream_isSafeForItAndUnknownForTheOneBefore() throws Exception {
        CompletableFuture<Runnable> goneAway = new CompletableFuture<>();
        FrameServer.Script script = (connection, stream) -> {
            if (stream > 3) { // the client's first stream is 3
                connection.goAway(3, FrameServer.NO_ERROR);
                goneAway.complete(() -> close(connection));
            }
        };
        try (FrameServer server = new FrameServer(script);
                TensorFlowServing transport = Calls.plaintext(server.target()).build()) {
            RecordingContext first = new RecordingContext();
            CompletableFuture<InferenceResponse> before = transport.send(Calls.request(), first);
            first.sent().join();

            InferenceException above = Calls.failure(Calls.send(transport));
            assertThat(before).isNotDone();
            goneAway.join().run();
            InferenceException below = Calls.failure(before);

            assertThat(above.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(above.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(below.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(below.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
            assertThat(server.requests()).isEqualTo(2);
        }
    }

    @Test
    void goAway_withAnError_isNotTrustedAboutTheLastStream() throws Exception {
        InferenceException fault = call((connection, stream) -> connection.goAway(0, FrameServer.INTERNAL_ERROR));

        assertThat(fault.category()).isEqualTo(ErrorCategory.PROTOCOL);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
    }

    @Test
    void goAway_whileAStreamWaitsForItsTurn_isSafe() throws Exception {
        CompletableFuture<FrameServer.Connection> arrived = new CompletableFuture<>();
        try (FrameServer server = new FrameServer(1, (connection, stream) -> arrived.complete(connection));
                TensorFlowServing transport = Calls.plaintext(server.target()).build()) {
            CompletableFuture<InferenceResponse> first = Calls.send(transport);
            FrameServer.Connection connection = arrived.join();
            RecordingContext waiting = new RecordingContext();
            CompletableFuture<InferenceResponse> second = transport.send(Calls.request(), waiting);

            connection.goAway(3, FrameServer.NO_ERROR);
            InferenceException fault = Calls.failure(second);

            assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECT);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(waiting.reports()).isEmpty();
            assertThat(first).isNotDone();
            assertThat(server.requests()).isEqualTo(1);
        }
    }

    @Test
    void connection_closedWithoutAnAnswer_mayHaveRun() throws Exception {
        InferenceException fault = call((connection, stream) -> connection.close());

        assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
        assertThat(fault.maxRetries()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void connection_closedBeforeItsFirstFrame_neverSent() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TensorFlowServing transport =
                        Calls.plaintext("127.0.0.1:" + listener.getLocalPort()).build()) {
            RecordingContext context = new RecordingContext();
            CompletableFuture<InferenceResponse> call = transport.send(Calls.request(), context);
            listener.accept().close();

            InferenceException fault = Calls.failure(call);

            assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECT);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(context.reports()).isEmpty();
        }
    }

    @Test
    void answer_cutOffWithinItsMessage_isTheProtocols() throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(stream, false, GRPC_HEADERS);
            connection.data(stream, false, new byte[] {0, 0, 0, 0, 9, 1}); // one byte of nine
            connection.headers(stream, true, fields("grpc-status", "0"));
        });

        isTheProtocols(fault, RetrySafety.UNKNOWN);
    }

    @Test
    void answer_thatCannotBeUnpacked_isTheProtocolsAndRan() throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(
                    stream,
                    false,
                    fields(":status", "200", "content-type", "application/grpc", "grpc-encoding", "gzip"));
            connection.data(stream, false, new byte[] {1, 0, 0, 0, 2, 7, 7}); // two bytes that are no gzip
        });

        isTheProtocols(fault, RetrySafety.UNSAFE);
    }

    @Test
    void answer_withoutItsMessage_isTheProtocolsAndRan() throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(stream, false, GRPC_HEADERS);
            connection.headers(stream, true, fields("grpc-status", "0"));
        });

        isTheProtocols(fault, RetrySafety.UNSAFE);
        assertThat(fault).hasMessageContaining("one message, not 0");
    }

    @Test
    void trailers_withoutAStatus_areTheProtocols() throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(stream, false, GRPC_HEADERS);
            connection.headers(stream, true, fields("other", "x"));
        });

        isTheProtocols(fault, RetrySafety.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answer_ofAProxy_isNamedWithoutItsHeadersAndPage(boolean withPage) throws Exception {
        InferenceException fault = call((connection, stream) -> {
            connection.headers(
                    stream,
                    !withPage,
                    fields(":status", "502", "content-type", "text/html", "set-cookie", "canary-in-a-header"));
            if (withPage) {
                connection.data(stream, true, "canary-in-a-page".getBytes(StandardCharsets.US_ASCII));
            }
        });

        assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
        assertThat(fault).hasMessageContaining("HTTP status code 502");
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain("canary");
        }
        assertThat(fault.originalMessage()).isNull();
    }

    private static void isTheProtocols(InferenceException fault, RetrySafety safety) {
        assertThat(fault.category()).isEqualTo(ErrorCategory.PROTOCOL);
        assertThat(fault.retrySafety()).isEqualTo(safety);
        assertThat(fault.maxRetries()).isEqualTo(1);
    }

    /** The failure of one call, which is never sent twice. */
    private static InferenceException call(FrameServer.Script script) throws Exception {
        try (FrameServer server = new FrameServer(script);
                TensorFlowServing transport = Calls.plaintext(server.target()).build()) {
            InferenceException fault = Calls.failure(Calls.send(transport));
            assertThat(server.requests()).isEqualTo(1);
            return fault;
        }
    }

    private static void close(FrameServer.Connection connection) {
        try {
            connection.close();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }

    /** Names and values in turn; the order is the wire's. */
    private static Map<String, String> fields(String... namesAndValues) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
