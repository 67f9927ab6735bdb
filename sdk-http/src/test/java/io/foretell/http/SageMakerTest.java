package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.ModelException;
import io.foretell.error.RetrySafety;
import io.foretell.tensor.Tensor;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

@Timeout(60)
class SageMakerTest {
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "not-a-secret"));
    private static final long SMALL = 64 << 10;

    private final RecordingContext context = new RecordingContext();

    @Test
    void send_bytes_arriveSignedAndTheAnswerComesBack() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(
                        "200 OK",
                        "Content-Type: text/plain\r\nx-amzn-RequestId: r-1\r\n"
                                + "x-Amzn-Invoked-Production-Variant: blue\r\n"
                                + "X-Amzn-SageMaker-Custom-Attributes: said=yes\r\n",
                        "pong");
                SageMaker transport =
                        transport(server, each -> each.variant("green").accept("text/plain"))) {
            InferenceResponse answer = transport
                    .send(
                            request("ping")
                                    .with(SageMaker.TARGET_MODEL, "m.tar.gz")
                                    .with(SageMaker.CUSTOM_ATTRIBUTES, "a=b")
                                    .with(SageMaker.INFERENCE_ID, "id 1"),
                            context)
                    .get();

            assertThat(((Payload.Bytes) answer.payload()).toByteArray())
                    .asString()
                    .isEqualTo("pong");
            assertThat(((Payload.Bytes) answer.payload()).mediaType()).isEqualTo("text/plain");
            assertThat(answer.servedBy()).isEqualTo("blue");
            assertThat(answer.requestId()).isEqualTo("r-1");
            assertThat(answer.attributes().get(SageMaker.CUSTOM_ATTRIBUTES)).isEqualTo("said=yes");
            assertThat(context.told).startsWith("sent", "started");
            LoopbackServer.Request seen = server.requests.take();
            assertThat(seen.line()).isEqualTo("POST /endpoints/iris/invocations HTTP/1.1");
            assertThat(new String(seen.body(), StandardCharsets.UTF_8)).isEqualTo("ping");
            assertThat(seen.headers())
                    .containsEntry("content-type", "text/plain")
                    .containsEntry("accept", "text/plain")
                    .containsEntry("x-amzn-sagemaker-target-variant", "green")
                    .containsEntry("x-amzn-sagemaker-target-model", "m.tar.gz")
                    .containsEntry("x-amzn-sagemaker-custom-attributes", "a=b")
                    .containsEntry("x-amzn-sagemaker-inference-id", "id 1")
                    .containsEntry("x-amz-content-sha256", sha256("ping"))
                    .containsKey("authorization");
        }
    }

    @Test
    void send_tensors_goThroughTheFormat() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "{\"predictions\": [[0.5]]}");
                SageMaker transport = transport(server, each -> each.tensors(TensorFormats.tfServingJson()))) {
            Payload tensors = new Payload.Tensors(Map.of("x", Tensor.of(new float[] {1})));

            InferenceResponse answer = transport
                    .send(InferenceRequest.of(tensors, 1, Attributes.empty()), context)
                    .get();

            assertThat(((Payload.Tensors) answer.payload()).tensors())
                    .containsEntry("output_0", Tensor.of(new float[] {0.5f}, 1, 1));
            assertThat(server.requests.take().body()).asString().isEqualTo("{\"inputs\":{\"x\":[1.0]}}");
        }
    }

    @Test
    void send_modelError_keepsWhatTheContainerSaid() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering(
                        "424 Failed Dependency",
                        "x-amzn-errortype: ModelError\r\nContent-Type: application/json\r\nx-amzn-RequestId: r-2\r\n",
                        "{\"Message\": \"Received server error (500)\", \"OriginalStatusCode\": 500,"
                                + " \"OriginalMessage\": \"boom\", \"LogStreamArn\": \"arn:log\"}");
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            ModelException fault = (ModelException) failure(transport.send(request("x"), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.MODEL_FAULT);
            assertThat(fault.transportCode()).isEqualTo("424 ModelError");
            assertThat(fault.originalStatus()).isEqualTo(500);
            assertThat(fault.originalMessage()).isEqualTo("boom");
            assertThat(fault.logStream()).isEqualTo("arn:log");
            assertThat(fault.requestId()).isEqualTo("r-2");
            assertThat(fault.endpoint()).isEqualTo("iris");
            assertThat(server.requests).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "500 Internal Server Error"})
    void send_endlessBody_endsAtTheCap(String status) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        LoopbackServer.Answer endless = (out, in) -> {
            out.write(("HTTP/1.1 " + status + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            try {
                while (true) {
                    out.write(chunk);
                }
            } finally {
                gone.countDown();
            }
        };
        try (LoopbackServer server = new LoopbackServer(endless);
                SageMaker transport = transport(server, each -> each.maxResponseBytes(SMALL))) {
            InferenceException fault = failure(transport.send(request("x"), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
            assertThat(fault).hasMessageContaining("maxResponseBytes is " + SMALL);
            assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void send_announcedTooLarge_failsWithoutReading() throws Exception {
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                    in.read();
                });
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            assertThat(failure(transport.send(request("x"), context)).category())
                    .isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
        }
    }

    @Test
    void cancel_inFlight_closesTheConnection() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch there = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    there.countDown();
                    try {
                        in.read();
                    } finally {
                        gone.countDown();
                    }
                });
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            CompletableFuture<InferenceResponse> answer = transport.send(request("x"), context);
            assertThat(there.await(30, TimeUnit.SECONDS)).isTrue();

            answer.cancel(true);

            assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(context.told).containsExactly("sent");
        }
    }

    @Test
    void send_connectionCut_isLost() throws Exception {
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    throw new java.io.IOException("cut");
                });
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            assertThat(failure(transport.send(request("x"), context)).category())
                    .isEqualTo(ErrorCategory.CONNECTION_LOST);
        }
    }

    @Test
    void send_noHttp_isProtocol() throws Exception {
        try (LoopbackServer server = new LoopbackServer((out, in) -> {
                    out.write("what\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    in.read();
                });
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            assertThat(failure(transport.send(request("x"), context)).category())
                    .isEqualTo(ErrorCategory.PROTOCOL);
        }
    }

    @Test
    void send_nobodyListens_isConnect() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (SageMaker transport = builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .build()) {
            InferenceException fault = failure(transport.send(request("x"), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECT);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        }
    }

    @Test
    void send_tlsToPlainServer_isTls() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = builder()
                        .endpointOverride(URI.create(
                                "https://127.0.0.1:" + server.address().getPort()))
                        .build()) {
            assertThat(failure(transport.send(request("x\r\n\r\n"), context)).category())
                    .isIn(ErrorCategory.TLS, ErrorCategory.CONNECTION_LOST);
        }
    }

    @Test
    void send_credentialsFail_isAuthAndNothingIsSent() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = transport(
                        server,
                        each -> each.credentials(() -> {
                            throw new IllegalStateException("vault is shut");
                        }))) {
            InferenceException fault = failure(transport.send(request("x"), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.AUTH);
            assertThat(server.requests).isEmpty();
        }
    }

    @Test
    void send_tooLarge_isRefusedBeforeAnythingIsSent() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = transport(server, each -> each.maxRequestBytes(3))) {
            InferenceException fault = failure(transport.send(request("four"), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(fault)
                    .hasMessageContaining("4 bytes, the limit maxRequestBytes is 3")
                    .hasMessageContaining("split");
            assertThat(server.connections).hasValue(0);
        }
    }

    @Test
    void send_mediaTypeWithLineBreak_isRefused() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = transport(server, UnaryOperator.identity())) {
            Payload body = Payload.Bytes.of("text/plain\r\nx: y", new byte[0]);

            InferenceException fault =
                    failure(transport.send(InferenceRequest.of(body, 1, Attributes.empty()), context));

            assertThat(fault.category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
            assertThat(server.connections).hasValue(0);
        }
    }

    @Test
    void close_twice_refusesLaterCalls() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "")) {
            SageMaker transport = transport(server, UnaryOperator.identity());
            transport.close();
            transport.close();

            assertThat(failure(transport.send(request("x"), context)).category())
                    .isEqualTo(ErrorCategory.CLOSED);
        }
    }

    static Stream<Arguments> badAttributes() {
        return Stream.of(
                Arguments.of(SageMaker.TARGET_VARIANT, "a b"),
                Arguments.of(SageMaker.TARGET_VARIANT, "-a"),
                Arguments.of(SageMaker.TARGET_VARIANT, "a".repeat(64)),
                Arguments.of(SageMaker.TARGET_MODEL, ""),
                Arguments.of(SageMaker.TARGET_MODEL, "a\r\nHost: evil"),
                Arguments.of(SageMaker.TARGET_MODEL, "a".repeat(1025)),
                Arguments.of(SageMaker.TARGET_CONTAINER, "a\0"),
                Arguments.of(SageMaker.INFERENCE_COMPONENT, "a/b"),
                Arguments.of(SageMaker.INFERENCE_ID, " a"),
                Arguments.of(SageMaker.INFERENCE_ID, "a".repeat(65)),
                Arguments.of(SageMaker.INFERENCE_ID, "é"),
                Arguments.of(SageMaker.CUSTOM_ATTRIBUTES, "a\nb"),
                Arguments.of(SageMaker.CUSTOM_ATTRIBUTES, "a".repeat(1025)));
    }

    @ParameterizedTest
    @MethodSource("badAttributes")
    void attribute_thatTheServiceWouldNotTake_isRefusedWhereItIsSet(AttributeKey<String> key, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attributes.empty().with(key, value))
                .withMessageContaining(key.name())
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\r", "\n", "\0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "../..", "a?b", "a#b", "a\r\nb", "a/b"})
    void endpoint_badName_isRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> SageMaker.endpoint(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://models.example",
                "ftp://localhost",
                "https:///x",
                "https://u:p@h",
                "https://h?q=1",
                "https://h#f"
            })
    void endpointOverride_notHttps_isRefused(String address) {
        SageMaker.Builder builder = builder().endpointOverride(URI.create(address));

        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("endpointOverride");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://models.example:8443", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"})
    void endpointOverride_httpsOrLoopback_isTaken(String address) {
        builder().endpointOverride(URI.create(address)).build().close();
    }

    @Test
    void allowPlaintext_letsHttpOut() {
        builder()
                .endpointOverride(URI.create("http://models.example"))
                .allowPlaintext()
                .build()
                .close();
    }

    @Test
    void builder_limitsBelowOne_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> builder().maxRequestBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().maxResponseBytes(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().maxConnections(0));
    }

    @Test
    void describesItself_withTheServiceDefaults() {
        try (SageMaker transport = builder().targetModel("m").build()) {
            assertThat(transport.maxRequestBytes()).isEqualTo(6_291_456);
            assertThat(transport.model()).isEqualTo("m");
            assertThat(transport.endpoint()).isEqualTo("iris");
            assertThat(transport.accepts(Payload.Kind.BYTES)).isTrue();
            assertThat(transport.accepts(Payload.Kind.TENSORS)).isFalse();
        }
    }

    private static SageMaker.Builder builder() {
        return SageMaker.endpoint("iris").region("eu-west-1").credentials(CREDENTIALS);
    }

    private static SageMaker transport(LoopbackServer server, UnaryOperator<SageMaker.Builder> settings) {
        return settings.apply(builder().endpointOverride(server.address())).build();
    }

    private static InferenceRequest request(String body) {
        return InferenceRequest.of(
                Payload.Bytes.of("text/plain", body.getBytes(StandardCharsets.UTF_8)), 1, Attributes.empty());
    }

    private static InferenceException failure(CompletableFuture<InferenceResponse> answer) {
        ExecutionException fault = catchThrowableOfType(ExecutionException.class, answer::get);
        assertThat(fault).hasCauseInstanceOf(InferenceException.class);
        return (InferenceException) fault.getCause();
    }

    private static String sha256(String text) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                        .digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
