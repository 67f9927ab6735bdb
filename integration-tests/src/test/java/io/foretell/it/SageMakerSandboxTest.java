package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.error.TransportException;
import io.foretell.http.JsonCodecs;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.BytesModel;
import io.foretell.testing.Fault;
import io.foretell.testing.Model;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorSpec;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkGlobalTime;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeAsyncClient;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointResponse;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;
import software.amazon.awssdk.services.sagemakerruntime.model.SageMakerRuntimeException;
import software.amazon.awssdk.services.sagemakerruntime.model.ServiceUnavailableException;
import software.amazon.awssdk.services.sagemakerruntime.model.ValidationErrorException;

/** AWS's own client is the judge of the sandbox. */
@Timeout(120)
class SageMakerSandboxTest {
    private static final CountDownLatch STUCK = new CountDownLatch(1);
    private static final SageMakerSandbox SANDBOX = SageMakerSandbox.builder()
            .endpoint("double", new Doubling())
            .endpoint("echo", (BytesModel) input -> input)
            .endpoint("stuck", (BytesModel) input -> {
                STUCK.countDown();
                new CountDownLatch(1).await();
                return input;
            })
            .endpoint("mislabelled", (BytesModel) input -> Payload.Bytes.of("text/plain\r\nx-a: b", new byte[1]))
            .endpoint("broken", (BytesModel) input -> {
                throw new IllegalStateException("out of \"memory\"");
            })
            .start();
    private static final SdkAsyncHttpClient HTTP = NettyNioAsyncHttpClient.builder()
            .tlsTrustManagersProvider(
                    () -> SANDBOX.certificates().trustManagers().getTrustManagers())
            .build();

    private SageMakerRuntimeAsyncClient client =
            client(SANDBOX, AwsBasicCredentials.create(SANDBOX.accessKey(), SANDBOX.secretKey()));

    /** The client sets it by the sandbox's clock, for every client made after. */
    @AfterEach
    void resetClock() {
        SdkGlobalTime.setGlobalTimeOffset(0);
    }

    @AfterAll
    static void close() {
        HTTP.close();
        SANDBOX.close();
    }

    @Test
    void invoke_jsonColumns_answersOutputs() {
        InvokeEndpointResponse response = invoke(json("double", "{\"inputs\": {\"x\": [[1, 2.5], [3, 4]]}}"));
        assertThat(response.body().asUtf8String()).isEqualTo("{\"outputs\":[[2.0,5.0],[6.0,8.0]]}");
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.invokedProductionVariant()).isEqualTo("AllTraffic");
        assertThat(response.responseMetadata().requestId()).hasSize(36);
    }

    @Test
    void invoke_jsonRows_answersPredictions() {
        assertThat(invoke(json("double", "{\"instances\": [[1.0, 2.0]]}"))
                        .body()
                        .asUtf8String())
                .isEqualTo("{\"predictions\":[[2.0,4.0]]}");
    }

    @Test
    void invoke_bytes_comeBackAsTheyWere() {
        byte[] body = new byte[3_000_000];
        new java.util.Random(1).nextBytes(body);
        InvokeEndpointResponse response = invoke(InvokeEndpointRequest.builder()
                .endpointName("echo")
                .contentType("application/x-npy")
                .targetVariant("blue")
                .customAttributes("a=1,  b=2")
                .body(SdkBytes.fromByteArray(body))
                .build());
        assertThat(response.body().asByteArray()).isEqualTo(body);
        assertThat(response.contentType()).isEqualTo("application/x-npy");
        assertThat(response.invokedProductionVariant()).isEqualTo("blue");
        assertThat(response.customAttributes()).isEqualTo("a=1,  b=2");
    }

    @Test
    void invoke_secretWrong_refused() {
        useClient(AwsBasicCredentials.create(SANDBOX.accessKey(), "wrong"));
        SageMakerRuntimeException refusal = refused(bytes("echo", 10));
        assertThat(refusal.statusCode()).isEqualTo(403);
        assertThat(refusal.awsErrorDetails().errorCode()).isEqualTo("InvalidSignatureException");
        assertThat(refusal.awsErrorDetails().errorMessage()).contains("does not match the signature you provided");
    }

    @Test
    void invoke_keyUnknown_refused() {
        useClient(AwsBasicCredentials.create("AKIAUNKNOWN", SANDBOX.secretKey()));
        SageMakerRuntimeException refusal = refused(bytes("echo", 10));
        assertThat(refusal.statusCode()).isEqualTo(403);
        assertThat(refusal.awsErrorDetails().errorCode()).isEqualTo("UnrecognizedClientException");
    }

    @Test
    void invoke_clockBehind_refusedAndThenSet() {
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10));
        try (SageMakerSandbox later = SageMakerSandbox.builder()
                        .endpoint("echo", (BytesModel) input -> input)
                        .clock(ahead)
                        .plaintext()
                        .start();
                SageMakerRuntimeAsyncClient behind =
                        client(later, AwsBasicCredentials.create(later.accessKey(), later.secretKey()))) {
            assertThatThrownBy(() -> behind.invokeEndpoint(bytes("echo", 1)).join())
                    .hasMessageContaining("Signature expired:");
            // By the answer's date the client has set its clock.
            assertThat(behind.invokeEndpoint(bytes("echo", 1)).join().body().asByteArray())
                    .hasSize(1);
        }
    }

    /** One more attempt is worth it: by the answer's date the AWS SDK has set its clock, for that and all after it. */
    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void transport_clockOff_isClockSkewOnce(int minutes) throws Exception {
        try (SageMakerSandbox elsewhen = SageMakerSandbox.builder()
                        .endpoint("echo", (BytesModel) input -> input)
                        .clock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes)))
                        .start();
                Transport transport = elsewhen.transport("echo").build()) {
            InferenceException skew = OneAttempt.of(transport);
            assertThat(skew).isNotNull();
            assertThat(skew.category()).isEqualTo(ErrorCategory.CLOCK_SKEW);
            assertThat(skew.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(skew.maxRetries()).isEqualTo(1);

            assertThat(OneAttempt.of(transport)).isNull();
            assertThat(OneAttempt.of(transport)).isNull();
            assertThat(elsewhen.requestCount()).isEqualTo(3);
        }
    }

    @Test
    void transport_wrongTrust_isTlsAndNothingArrives() {
        try (SageMakerSandbox sandbox = SageMakerSandbox.builder()
                        .endpoint("echo", (BytesModel) input -> input)
                        .start();
                var predictor = Predictor.builder(JsonCodecs.of(String.class, String.class))
                        .transport(SageMaker.endpoint("echo")
                                .region(sandbox.region())
                                .credentials(StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey())))
                                .endpointOverride(sandbox.uri())
                                .build())
                        .build()) {
            assertThatThrownBy(() -> predictor.predict("hello"))
                    .isInstanceOfSatisfying(
                            TransportException.class,
                            error -> assertThat(error.category()).isEqualTo(ErrorCategory.TLS));
            assertThat(sandbox.requestCount()).isZero();
        }
    }

    @Test
    void invoke_plaintextWithSessionToken_answered() {
        try (SageMakerSandbox plain = SageMakerSandbox.builder()
                        .endpoint("echo", (BytesModel) input -> input)
                        .sessionToken("session")
                        .region("eu-central-1")
                        .plaintext()
                        .start();
                SageMakerRuntimeAsyncClient session =
                        client(plain, AwsSessionCredentials.create(plain.accessKey(), plain.secretKey(), "session"));
                SageMakerRuntimeAsyncClient none =
                        client(plain, AwsBasicCredentials.create(plain.accessKey(), plain.secretKey()))) {
            assertThat(session.invokeEndpoint(bytes("echo", 5)).join().body().asByteArray())
                    .hasSize(5);
            assertThatThrownBy(() -> none.invokeEndpoint(bytes("echo", 5)).join())
                    .hasMessageContaining("The security token included in the request is invalid.");
        }
    }

    @Test
    void invoke_endpointUnknown_validationError() {
        assertThat(refused(bytes("missing", 10)))
                .isInstanceOf(ValidationErrorException.class)
                .hasMessageContaining("Endpoint missing of account 000000000000 not found.");
    }

    @Test
    void invoke_modelFails_modelErrorKeepsTheOriginal() {
        ModelErrorException fault = (ModelErrorException) refused(bytes("broken", 10));
        assertThat(fault.statusCode()).isEqualTo(424);
        assertThat(fault.originalStatusCode()).isEqualTo(500);
        assertThat(fault.originalMessage()).isEqualTo("out of \"memory\"");
        assertThat(fault.logStreamArn()).contains("us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/broken");
        assertThat(fault).hasMessageContaining("Received server error (500) from primary with message");
    }

    @Test
    void invoke_mediaTypeWithLineBreaks_modelError() {
        ModelErrorException fault = (ModelErrorException) refused(bytes("mislabelled", 10));
        assertThat(fault.statusCode()).isEqualTo(424);
        assertThat(fault.originalStatusCode()).isEqualTo(500);
        assertThat(fault.originalMessage()).contains("media type");
    }

    @Test
    void invoke_inputAtFault_modelErrorOfTheClient() {
        assertThat(originalStatus(json("double", "{\"inputs\": {\"y\": [1]}}"))).isEqualTo(400);
        assertThat(originalStatus(json("double", "{\"inputs\": {\"x\": \"text\"}}")))
                .isEqualTo(400);
        assertThat(originalStatus(json("double", "not json"))).isEqualTo(400);
        assertThat(originalStatus(json("double", "{\"inputs\": {\"x\": [1.0]}}")))
                .isEqualTo(400);
        InvokeEndpointRequest text =
                json("double", "1").toBuilder().contentType("text/plain").build();
        assertThat(originalStatus(text)).isEqualTo(415);
    }

    @Test
    void play_faults_areTakenInTurn() {
        long before = SANDBOX.requestCount();
        SANDBOX.play(
                Fault.error(503, "ServiceUnavailable", "{\"Message\": \"busy\"}")
                        .times(2),
                Fault.error(429, "ThrottlingException", "{\"message\": \"Rate exceeded\"}"),
                Fault.delay(Duration.ofMillis(20)));
        assertThat(refused(bytes("echo", 1))).isInstanceOf(ServiceUnavailableException.class);
        assertThat(refused(bytes("echo", 1))).isInstanceOf(ServiceUnavailableException.class);
        assertThat(refused(bytes("echo", 1)).awsErrorDetails().errorCode()).isEqualTo("ThrottlingException");
        assertThat(invoke(bytes("echo", 1)).body().asByteArray()).hasSize(1);
        assertThat(invoke(bytes("echo", 1)).body().asByteArray()).hasSize(1);
        assertThat(SANDBOX.requestCount() - before).isEqualTo(5);
    }

    @Test
    void transport_toTheSandbox_predicts() {
        Transport transport = SANDBOX.transport("double")
                .tensors(TensorFormats.tfServingJson())
                .build();
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                Predictor.builder(TensorCodecs.tensors()).transport(transport).build()) {
            Map<String, Tensor> answer = predictor.predict(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
            assertThat(answer).containsExactly(Map.entry("output_0", Tensor.of(new float[] {2, 4}, 1, 2)));
        }
    }

    @Test
    void play_statusNotOfHttp_refused() {
        assertThatThrownBy(() -> SANDBOX.play(Fault.status("UNAVAILABLE", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UNAVAILABLE");
    }

    @Test
    void invoke_bodyTooLarge_refused() {
        assertThat(invoke(bytes("echo", 6_291_456)).body().asByteArray()).hasSize(6_291_456);
        assertThat(refused(bytes("echo", 6_291_457)).statusCode()).isEqualTo(413);
    }

    @Test
    void invoke_cancelled_countedAsAbandoned() throws Exception {
        CompletableFuture<InvokeEndpointResponse> call = client.invokeEndpoint(bytes("stuck", 1));
        assertThat(STUCK.await(60, TimeUnit.SECONDS)).isTrue();
        call.cancel(true);
        while (SANDBOX.abandonedCount() == 0) {
            Thread.onSpinWait();
        }
        assertThat(SANDBOX.connectionsClosedByClient()).isGreaterThanOrEqualTo(1);
    }

    private void useClient(AwsCredentials credentials) {
        client = client(SANDBOX, credentials);
    }

    private InvokeEndpointResponse invoke(InvokeEndpointRequest request) {
        return client.invokeEndpoint(request).join();
    }

    private SageMakerRuntimeException refused(InvokeEndpointRequest request) {
        CompletionException thrown = catchThrowableOfType(CompletionException.class, () -> invoke(request));
        assertThat(thrown).hasCauseInstanceOf(SageMakerRuntimeException.class);
        return (SageMakerRuntimeException) thrown.getCause();
    }

    private int originalStatus(InvokeEndpointRequest request) {
        return ((ModelErrorException) refused(request)).originalStatusCode();
    }

    private static InvokeEndpointRequest json(String endpoint, String body) {
        return InvokeEndpointRequest.builder()
                .endpointName(endpoint)
                .contentType("application/json")
                .body(SdkBytes.fromUtf8String(body))
                .build();
    }

    private static InvokeEndpointRequest bytes(String endpoint, int length) {
        return InvokeEndpointRequest.builder()
                .endpointName(endpoint)
                .body(SdkBytes.fromByteArray(new byte[length]))
                .build();
    }

    private static SageMakerRuntimeAsyncClient client(SageMakerSandbox sandbox, AwsCredentials credentials) {
        return SageMakerRuntimeAsyncClient.builder()
                .endpointOverride(sandbox.uri())
                .region(Region.of(sandbox.region()))
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .overrideConfiguration(config -> config.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .httpClient(HTTP)
                .build();
    }

    private static final class Doubling implements Model {
        @Override
        public Map<String, TensorSpec> inputs() {
            return Map.of("x", TensorSpec.of(DType.FLOAT32, -1, -1));
        }

        @Override
        public Map<String, TensorSpec> outputs() {
            return Map.of("y", TensorSpec.of(DType.FLOAT32, -1, -1));
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) {
            Tensor x = inputs.get("x");
            float[] values = x.floats().clone();
            for (int i = 0; i < values.length; i++) {
                values[i] *= 2;
            }
            return Map.of("y", Tensor.of(values, x.shape().dims()));
        }
    }
}
