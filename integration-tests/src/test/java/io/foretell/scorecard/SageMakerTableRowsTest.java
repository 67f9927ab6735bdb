package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.corrupt;
import static io.foretell.testing.NetworkFault.fin;
import static io.foretell.testing.NetworkFault.reset;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import io.foretell.testing.SageMakerSandbox;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** What each row of SageMaker's error table costs through a whole predictor, counted by the server. */
@Tag("scorecard")
@Timeout(300)
class SageMakerTableRowsTest {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final String BODY = "{\"inputs\":{\"x\":" + "[" + "0,".repeat(1_999) + "0]}}";

    private static final SageMakerSandbox SECURE = sandbox().start();
    private static final SageMakerSandbox PLAIN = sandbox().plaintext().start();
    private static final SdkAsyncHttpClient TRUSTING = NettyNioAsyncHttpClient.builder()
            .tlsTrustManagersProvider(
                    () -> SECURE.certificates().trustManagers().getTrustManagers())
            .build();

    private static SageMakerSandbox.Builder sandbox() {
        return SageMakerSandbox.builder().endpoint("echo", new EchoModel(DType.FLOAT32));
    }

    @AfterAll
    static void close() {
        TRUSTING.close();
        SECURE.close();
        PLAIN.close();
    }

    @Test
    void answers_areRetriedAsTheTableSays() throws Exception {
        Scorecard.row("A12", "each answer of SageMaker's table, over HTTPS", row -> {
            row.inject("sandbox");
            TableCases cases = new TableCases(SECURE::requestCount);
            answer(cases, 400, "ValidationError", "{'message':'bad header'}", "INVALID_REQUEST 1");
            answer(cases, 400, "ValidationError", "{'message':'body exceeds size'}", "PAYLOAD_TOO_LARGE 1");
            answer(cases, 400, "ThrottlingException", "{'message':'Rate exceeded'}", "THROTTLED 3");
            answer(cases, 429, "ThrottlingException", "{'message':'Rate exceeded'}", "THROTTLED 3");
            answer(cases, 403, "AccessDeniedException", "{'message':'no'}", "AUTH 1");
            answer(cases, 403, "InvalidClientTokenId", "{'message':'no'}", "AUTH 1");
            answer(cases, 403, "UnrecognizedClientException", "{'message':'no'}", "AUTH 1");
            answer(cases, 400, "ExpiredTokenException", "{'message':'expired'}", "AUTH_EXPIRED 1");
            answer(cases, 403, "ExpiredToken", "{'message':'expired'}", "AUTH_EXPIRED 1");
            answer(cases, 403, "RequestTimeTooSkewed", "{'message':'clock'}", "CLOCK_SKEW 2");
            answer(cases, 404, "ResourceNotFound", "{'message':'none'}", "NOT_FOUND 1");
            answer(cases, 400, "ValidationError", "{'message':'Endpoint a of account 1 not found.'}", "NOT_FOUND 1");
            answer(cases, 413, null, "{'message':'content length exceeded'}", "PAYLOAD_TOO_LARGE 1");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':400}", "MODEL_CLIENT_ERROR 1");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':429}", "THROTTLED 3");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':503}", "OVERLOADED 3");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':507}", "OVERLOADED 3");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':500}", "MODEL_FAULT 1");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':502}", "MODEL_FAULT 1");
            answer(cases, 424, "ModelError", "{'OriginalStatusCode':0}", "MODEL_TIMEOUT 1");
            answer(cases, 500, "InternalFailure", "{'Message':'oops'}", "SERVER_FAULT 3");
            answer(cases, 502, null, "<html>bad gateway</html>", "SERVER_FAULT 3");
            answer(cases, 503, "ServiceUnavailable", "{'Message':'busy'}", "OVERLOADED 3");
            answer(cases, 504, null, "<html>gateway timeout</html>", "SERVER_FAULT 2");
            answer(cases, 530, "InternalDependencyException", "{'Message':'oops'}", "SERVER_FAULT 1");
            notReady(cases);
            modelFaults(cases);
            othersThatAreExpiredToo(cases);
            cases.report(row, "AWS SDK");
        });
    }

    private static void answer(TableCases cases, int status, String type, String body, String expected) {
        SECURE.play(FaultPlan.always(Fault.error(status, type, body.replace('\'', '"'))));
        String name = status + (type == null ? "" : " " + type) + original(body);
        cases.expect(name, expected, transport(SECURE).build());
        cases.theirs(name, theirs(SECURE, SECURE.uri()));
    }

    private static long theirs(SageMakerSandbox sandbox, URI address) {
        return new AwsAttempts(() -> keys(sandbox), TRUSTING, BODY).of(address);
    }

    private static AwsCredentials keys(SageMakerSandbox sandbox) {
        return AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey());
    }

    private static String original(String body) {
        return body.startsWith("{'Original") ? " of " + body.replaceAll("\\D", "") : "";
    }

    private static SageMaker.Builder transport(SageMakerSandbox sandbox) {
        return sandbox.transport("echo").tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32));
    }

    /** More than three attempts: a model that loads is waited for. */
    private static void notReady(TableCases cases) {
        Fault loading = Fault.error(429, "ModelNotReadyException", "{\"Message\":\"loading\"}");
        SECURE.play(FaultPlan.none());
        SECURE.play(loading.times(3));
        cases.expect(
                "429 ModelNotReadyException three times",
                "answered 4",
                transport(SECURE).build());
        SECURE.play(loading.times(4));
        cases.theirs("429 ModelNotReadyException", theirs(SECURE, SECURE.uri()));
    }

    private static void modelFaults(TableCases cases) {
        SECURE.play(FaultPlan.always(Fault.error(424, "ModelError", "{\"OriginalStatusCode\":500}")));
        cases.expect(
                "model faults allowed",
                "MODEL_FAULT 2",
                transport(SECURE).build(),
                builder -> builder.retry(RetryPolicy.builder()
                        .modelFaults(1)
                        .baseBackoff(Duration.ofMillis(1))
                        .build()));
    }

    private static void othersThatAreExpiredToo(TableCases cases) {
        List<AwsCredentials> expired = List.of(keys(SECURE), rotated("AKIASECOND"));
        rotated("AKIATHIRD");
        SECURE.play(FaultPlan.none());
        cases.expect(
                "expired, and others at hand",
                "AUTH_EXPIRED 2",
                transport(SECURE).credentials(alternating(expired)).build());
    }

    private static AwsCredentials rotated(String accessKey) {
        SECURE.rotate(accessKey, "not-a-secret");
        return keys(SECURE);
    }

    /** Asked for each attempt, and once more after each that was refused. */
    private static AwsCredentialsProvider alternating(List<AwsCredentials> given) {
        int[] asked = {0};
        return () -> {
            synchronized (asked) {
                return given.get(asked[0]++ % given.size());
            }
        };
    }

    @Test
    void unanswered_isRetriedAsTheTableSays() throws Exception {
        Scorecard.row("A12", "each way to get no answer, SageMaker", row -> {
            row.inject("proxy");
            TableCases cases = new TableCases(() -> PLAIN.requestCount() + SECURE.requestCount());
            try (FaultProxy proxy = FaultProxy.to("127.0.0.1", PLAIN.uri().getPort())) {
                connections(cases, proxy);
            }
            clientsOwn(cases);
            timeouts(cases);
            cases.report(row, "AWS SDK");
        });
    }

    private static void connections(TableCases cases, FaultProxy proxy) throws Exception {
        proxy.refuse();
        connection(cases, "refused", proxy, "CONNECT 4 (1 free), 0 arrived");
        proxy.accept();
        proxy.onAll(reset().toClient().onRequest(1));
        connection(cases, "reset before the answer", proxy, "CONNECTION_LOST 3");
        proxy.onAll(fin().toClient().onRequest(1));
        connection(cases, "closed before the answer", proxy, "CONNECTION_LOST 3");
        proxy.onAll(fin().toClient().onRequest(1).afterBytes(2_000));
        connection(cases, "truncated", proxy, "PROTOCOL 2");
        proxy.onAll(corrupt().toClient().onRequest(1));
        connection(cases, "malformed", proxy, "PROTOCOL 2");
        URI nowhere = URI.create("https://nowhere.invalid");
        cases.expect(
                "unknown host",
                "CONNECT 4 (1 free), 0 arrived",
                transport(PLAIN).endpointOverride(nowhere).build());
        connectTimeout(cases);
    }

    private static void connection(TableCases cases, String name, FaultProxy proxy, String expected) {
        URI address = URI.create("http://" + proxy.target());
        cases.expect(name, expected, transport(PLAIN).endpointOverride(address).build());
        cases.theirs(name, theirs(PLAIN, address));
    }

    private static void connectTimeout(TableCases cases) throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SdkAsyncHttpClient hasty = NettyNioAsyncHttpClient.builder()
                        .connectionTimeout(SHORT)
                        .build()) {
            fill(full, waiting);
            cases.expect(
                    "connect timeout",
                    "CONNECT 4 (1 free), 0 arrived",
                    transport(PLAIN)
                            .httpClient(hasty)
                            .endpointOverride(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                            .build());
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** Until the kernel answers no more: nobody accepts. */
    private static void fill(ServerSocket full, List<Socket> waiting) throws Exception {
        while (true) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(full.getLocalSocketAddress(), (int) SHORT.toMillis());
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }

    private static void clientsOwn(TableCases cases) {
        cases.expect(
                "TLS refused",
                "TLS 1, 0 arrived",
                transport(PLAIN).endpointOverride(SECURE.uri()).build());
        cases.expect(
                "no credentials",
                "AUTH 2, 0 arrived",
                transport(SECURE)
                        .credentials(() -> {
                            throw SdkClientException.create("nobody is logged in");
                        })
                        .build());
    }

    private static void timeouts(TableCases cases) {
        PLAIN.play(FaultPlan.always(Fault.silence()));
        cases.expect(
                "attempt timeout",
                "TIMEOUT 2",
                transport(PLAIN).build(),
                builder -> builder.attemptTimeout(SHORT).timeout(Scorecard.GUARD));
        cases.expect("deadline", "DEADLINE 1", transport(PLAIN).build(), builder -> builder.timeout(SHORT));
        try (SdkAsyncHttpClient hasty =
                NettyNioAsyncHttpClient.builder().readTimeout(SHORT).build()) {
            cases.expect(
                    "read timeout",
                    "TIMEOUT 1",
                    transport(PLAIN).httpClient(hasty).build());
        }
        pool(cases);
        PLAIN.play(FaultPlan.none());
    }

    private static void pool(TableCases cases) {
        try (SdkAsyncHttpClient narrow = NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(1)
                        .connectionAcquisitionTimeout(SHORT)
                        .build();
                Predictor<Map<String, Tensor>, Map<String, Tensor>> first = Predictor.builder(TensorCodecs.tensors())
                        .transport(transport(PLAIN).httpClient(narrow).build())
                        .build()) {
            long before = PLAIN.requestCount();
            CompletableFuture<?> only = first.predictAsync(TableCases.INPUT);
            Eventually.counts(before + 1, PLAIN::requestCount, Scorecard.GUARD);
            cases.expect(
                    "no free connection",
                    "LOCAL_REJECTED 1, 0 arrived",
                    transport(PLAIN).httpClient(narrow).build());
            only.cancel(true);
        }
    }
}
