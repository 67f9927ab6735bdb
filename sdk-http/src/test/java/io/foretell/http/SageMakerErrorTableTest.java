package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.InferenceResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** What each way to fail tells an engine: category, retry safety, how many retries, how long to wait. On real sockets. */
@Timeout(60)
class SageMakerErrorTableTest {
    private static final int ANY = Integer.MAX_VALUE;

    private static LoopbackServer server;
    private static SageMaker transport;
    private static volatile LoopbackServer.Answer answer = (out, in) -> {};

    private final RecordingContext context = new RecordingContext();

    @BeforeAll
    static void start() throws IOException {
        server = new LoopbackServer((out, in) -> answer.write(out, in));
        transport = Calls.builder(server.address()).build();
    }

    @AfterAll
    static void stop() {
        transport.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            nullValues = "-",
            value = {
                "400 | ValidationError             | {'message': 'bad header'}                            | INVALID_REQUEST    | SAFE    | 0",
                "400 | ValidationError             | {'message': 'Payload size exceeds 4 MB'}             | PAYLOAD_TOO_LARGE  | SAFE    | 0",
                "400 | ThrottlingException         | {'message': 'Rate exceeded'}                         | THROTTLED          | SAFE    | any",
                "429 | ThrottlingException         | {'message': 'Rate exceeded'}                         | THROTTLED          | SAFE    | any",
                "403 | AccessDeniedException       | {'message': 'no'}                                    | AUTH               | SAFE    | 0",
                "403 | InvalidClientTokenId        | {'message': 'no'}                                    | AUTH               | SAFE    | 0",
                "403 | UnrecognizedClientException | {'message': 'no'}                                    | AUTH               | SAFE    | 0",
                "400 | ExpiredTokenException       | {'message': 'expired'}                               | AUTH_EXPIRED       | SAFE    | 0",
                "403 | ExpiredToken                | {'message': 'expired'}                               | AUTH_EXPIRED       | SAFE    | 0",
                "403 | RequestTimeTooSkewed        | {'message': 'clock'}                                 | CLOCK_SKEW         | SAFE    | 1",
                "403 | InvalidSignatureException   | {'message': 'Signature expired: 1 is now earlier than 2'} | CLOCK_SKEW    | SAFE    | 1",
                "404 | ResourceNotFound            | {'message': 'none'}                                  | NOT_FOUND          | SAFE    | 0",
                "400 | ValidationError             | {'message': 'Endpoint iris of account 1 not found.'} | NOT_FOUND          | SAFE    | 0",
                "413 | -                           | {'message': 'content length exceeded'}               | PAYLOAD_TOO_LARGE  | SAFE    | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 400}                          | MODEL_CLIENT_ERROR | UNSAFE  | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 415}                          | MODEL_CLIENT_ERROR | UNSAFE  | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 429}                          | THROTTLED          | SAFE    | any",
                "424 | ModelError                  | {'OriginalStatusCode': 503}                          | OVERLOADED         | SAFE    | any",
                "424 | ModelError                  | {'OriginalStatusCode': 507}                          | OVERLOADED         | SAFE    | any",
                "424 | ModelError                  | {'OriginalStatusCode': 500}                          | MODEL_FAULT        | UNSAFE  | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 502}                          | MODEL_FAULT        | UNSAFE  | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 504}                          | MODEL_FAULT        | UNSAFE  | 0",
                "424 | ModelError                  | {'OriginalStatusCode': 0}                            | MODEL_TIMEOUT      | UNSAFE  | 0",
                "424 | ModelError                  | {}                                                   | MODEL_FAULT        | UNSAFE  | 0",
                "429 | ModelNotReadyException      | {'Message': 'loading'}                               | NOT_READY          | SAFE    | any",
                "500 | InternalFailure             | {'Message': 'oops'}                                  | SERVER_FAULT       | UNKNOWN | any",
                "502 | -                           | <html>bad gateway</html>                             | SERVER_FAULT       | UNKNOWN | any",
                "503 | ServiceUnavailable          | {'Message': 'busy'}                                  | OVERLOADED         | SAFE    | any",
                "504 | -                           | <html>gateway timeout</html>                         | SERVER_FAULT       | UNKNOWN | 1",
                "530 | InternalDependencyException | {'Message': 'oops'}                                  | SERVER_FAULT       | UNKNOWN | 0",
            })
    void send_answeredWithAnError_followsTheTable(
            int status, String type, String body, ErrorCategory category, RetrySafety safety, String retries) {
        answers(status, type == null ? "" : "x-amzn-errortype: " + type + "\r\n", body.replace('\'', '"'));

        expect(category, safety, retries.equals("any") ? ANY : Integer.parseInt(retries));
        assertThat(context.told).containsExactly("sent", "started");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "Retry-After: 7                                             | 7000",
                "Retry-After: 0                                             | 0",
                "Retry-After: 999999999                                     | 3600000",
                "Retry-After: 99999999999999999999                          | -",
                "Retry-After: -1                                            | -",
                "Retry-After: soon                                          | -",
                "Retry-After: 1.5                                           | -",
                "x-amz-retry-after: 250                                     | 250",
                "x-amz-retry-after: 99999999999                             | 3600000",
                "x-amz-retry-after: a while                                 | -",
                "x-amz-retry-after: 250; Retry-After: 7                     | 250",
                "x-amz-retry-after: bad; Retry-After: 7                     | 7000",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT; Retry-After: Sun, 06 Nov 1994 08:50:07 GMT | 30000",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT; Retry-After: Sun, 06 Nov 1994 08:40:00 GMT | 0",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT; Retry-After: Sat, 06 Nov 2094 08:40:00 GMT | 3600000",
                "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT                 | -",
                "x-other: 1                                                 | -",
            })
    void send_answeredWithAHint_passesItOn(String headers, Long millis) {
        for (String error : new String[] {"429 ThrottlingException", "503 ServiceUnavailable", "424 ModelError"}) {
            String[] parts = error.split(" ");
            answers(
                    Integer.parseInt(parts[0]),
                    "x-amzn-errortype: " + parts[1] + "\r\n" + headers.replace("; ", "\r\n") + "\r\n",
                    "{\"OriginalStatusCode\": 429}");

            assertThat(Calls.failure(Calls.send(transport, context)).pushback())
                    .as(error)
                    .isEqualTo(millis == null ? null : Duration.ofMillis(millis));
        }
    }

    @Test
    void send_nobodyListens_neverReachedTheModel() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (SageMaker nowhere =
                Calls.builder(URI.create("http://127.0.0.1:" + port)).build()) {
            expect(nowhere, ErrorCategory.CONNECT, RetrySafety.SAFE, ANY);
        }
    }

    /** Whatever loops take turns: see {@link SageMakerLoops}. */
    @Test
    void send_nobodyListensAgainAndAgain_isToldEachTime() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        for (int transports = 0; transports < 5; transports++) {
            try (SageMaker nowhere =
                    Calls.builder(URI.create("http://127.0.0.1:" + port)).build()) {
                for (int calls = 0; calls < 20; calls++) {
                    assertThat(Calls.failure(Calls.send(nowhere, context)).category())
                            .isEqualTo(ErrorCategory.CONNECT);
                }
            }
        }
    }

    @Test
    void send_hostUnknown_neverReachedTheModel() {
        try (SageMaker nowhere =
                Calls.builder(URI.create("https://nowhere.invalid")).build()) {
            expect(nowhere, ErrorCategory.CONNECT, RetrySafety.SAFE, ANY);
        }
    }

    /** Where both ends act at once, either the handshake or the write that waits for it is told to have failed. */
    @Test
    void send_connectionClosedInTheHandshake_neverReachedTheModel() throws Exception {
        InferenceException error = endedInTheHandshake(false);

        assertThat(error.category()).isIn(ErrorCategory.CONNECT, ErrorCategory.CONNECTION_LOST);
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(error.maxRetries()).isEqualTo(ANY);
    }

    /** A reset may be told as one that could have come at any time. */
    @Test
    void send_connectionResetInTheHandshake_mayBeRetried() throws Exception {
        InferenceException error = endedInTheHandshake(true);

        assertThat(error.category()).isIn(ErrorCategory.CONNECT, ErrorCategory.CONNECTION_LOST);
        assertThat(error.retrySafety()).isNotEqualTo(RetrySafety.UNSAFE);
        assertThat(error.maxRetries()).isEqualTo(ANY);
    }

    private InferenceException endedInTheHandshake(boolean reset) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SageMaker secure = Calls.builder(URI.create("https://127.0.0.1:" + listener.getLocalPort()))
                        .build()) {
            CompletableFuture<InferenceResponse> answer = Calls.send(secure, context);
            try (Socket socket = listener.accept()) {
                assertThat(socket.getInputStream().read(new byte[1 << 16])).isPositive();
                socket.setSoLinger(reset, 0);
            }
            return Calls.failure(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void send_connectionEndsBeforeTheAnswer_mayHaveRun(boolean reset) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SageMaker plain = Calls.builder(URI.create("http://127.0.0.1:" + listener.getLocalPort()))
                        .build()) {
            CompletableFuture<InferenceResponse> answer = Calls.send(plain, context);
            try (Socket socket = listener.accept()) {
                String request = "";
                byte[] part = new byte[1 << 16];
                while (!request.endsWith("\r\n\r\nping")) {
                    int count = socket.getInputStream().read(part);
                    request += new String(part, 0, count, StandardCharsets.US_ASCII);
                }
                socket.setSoLinger(reset, 0);
            }

            InferenceException error = Calls.failure(answer);

            assertThat(error.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(error.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
            assertThat(error.maxRetries()).isEqualTo(ANY);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsecret-answer",
                "secret-answer\r\n\r\n",
                "HTTP/1.1 secret-answer\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: secret-answer\r\n\r\n",
            })
    void send_answerMalformed_isToldWithoutQuotingIt(String garbage) {
        answer = (out, in) -> {
            out.write(garbage.getBytes(StandardCharsets.US_ASCII));
            throw new IOException("and no more");
        };

        InferenceException error = expect(ErrorCategory.PROTOCOL, RetrySafety.UNSAFE, 1);
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain("secret");
        }
    }

    @Test
    void send_ownReadTimeout_isNotWorthAnotherTry() {
        answer = (out, in) -> in.read();
        try (SdkAsyncHttpClient impatient = NettyNioAsyncHttpClient.builder()
                        .readTimeout(Duration.ofMillis(50))
                        .build();
                SageMaker transport =
                        Calls.builder(server.address()).httpClient(impatient).build()) {
            expect(transport, ErrorCategory.TIMEOUT, RetrySafety.UNKNOWN, 0);
        }
    }

    @Test
    void send_noConnectionFree_isRejectedHere() throws Exception {
        answer = (out, in) -> in.read();
        try (SdkAsyncHttpClient narrow = NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(1)
                        .connectionAcquisitionTimeout(Duration.ofMillis(50))
                        .build();
                SageMaker transport =
                        Calls.builder(server.address()).httpClient(narrow).build()) {
            server.requests.clear();
            CompletableFuture<InferenceResponse> first = Calls.send(transport, context);
            server.requests.take();

            expect(transport, ErrorCategory.LOCAL_REJECTED, RetrySafety.SAFE, 0);
            first.cancel(true);
        }
    }

    @Test
    void send_credentialsCannotBeLoaded_isWorthOneMoreTry() {
        try (SageMaker transport = Calls.builder(server.address())
                .credentials(() -> {
                    throw new IllegalStateException("vault is shut");
                })
                .build()) {
            expect(transport, ErrorCategory.AUTH, RetrySafety.SAFE, 1);
            assertThat(context.told).isEmpty();
        }
    }

    private static void answers(int status, String headers, String body) {
        answer = (out, in) -> out.write(
                ("HTTP/1.1 " + status + " Said\r\nContent-Length: " + body.length() + "\r\n" + headers + "\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private InferenceException expect(ErrorCategory category, RetrySafety safety, int maxRetries) {
        return expect(transport, category, safety, maxRetries);
    }

    private InferenceException expect(SageMaker over, ErrorCategory category, RetrySafety safety, int maxRetries) {
        InferenceException error = Calls.failure(Calls.send(over, context));
        assertThat(error.category()).as("%s", error).isEqualTo(category);
        assertThat(error.retrySafety()).isEqualTo(safety);
        assertThat(error.maxRetries()).isEqualTo(maxRetries);
        assertThat(error.endpoint()).isEqualTo("iris");
        return error;
    }
}
