package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may not do to the client: unpack a bomb in it, or send its signature elsewhere. */
@Timeout(60)
class SageMakerWireSafetyTest {
    private final RecordingContext context = new RecordingContext();

    @ParameterizedTest
    @CsvSource({"200 OK, gzip", "200 OK, deflate", "200 OK, 'gzip, gzip'"})
    void send_answerPacked_isRefusedUnread(String status, String coding) throws Exception {
        byte[] bomb = zeros(8 << 20);
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    out.write(("HTTP/1.1 " + status + "\r\nContent-Encoding: " + coding + "\r\nContent-Length: "
                                    + bomb.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    out.write(bomb);
                });
                SageMaker transport = Calls.builder(server.address()).build()) {
            InferenceException error = Calls.failure(Calls.send(transport, context));

            assertThat(error.category()).isEqualTo(ErrorCategory.PROTOCOL);
            assertThat(error).hasMessageContaining("Content-Encoding " + coding);
            assertThat(server.requests.take().headers()).doesNotContainKey("accept-encoding");
        }
    }

    @ParameterizedTest
    @CsvSource({"429 Slow Down, THROTTLED", "503 Busy, OVERLOADED", "500 Fault, SERVER_FAULT"})
    void send_errorPacked_isKnownByItsStatus(String status, ErrorCategory category) throws Exception {
        byte[] bomb = zeros(8 << 20);
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    out.write(("HTTP/1.1 " + status + "\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
                    out.write(bomb);
                });
                SageMaker transport = Calls.builder(server.address()).build()) {
            assertThat(Calls.failure(Calls.send(transport, context)).category()).isEqualTo(category);
        }
    }

    @Test
    void send_answerSaidToBeAsItIs_isTaken() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "Content-Encoding: identity\r\n", "pong");
                SageMaker transport = Calls.builder(server.address()).build()) {
            assertThat(Calls.send(transport, context).get()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"})
    void send_redirected_neverGoesThere(String status) throws Exception {
        try (LoopbackServer elsewhere = LoopbackServer.answering("200 OK", "", "pong");
                LoopbackServer server = LoopbackServer.answering(
                        status, "Location: " + elsewhere.address() + "/endpoints/iris/invocations\r\n", "");
                SageMaker transport = Calls.builder(server.address()).build()) {
            assertThat(Calls.failure(Calls.send(transport, context)).category()).isEqualTo(ErrorCategory.PROTOCOL);
            assertThat(elsewhere.connections).hasValue(0);
        }
    }

    private static byte[] zeros(int length) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[length]);
        }
        return packed.toByteArray();
    }
}
