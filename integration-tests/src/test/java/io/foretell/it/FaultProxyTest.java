package io.foretell.it;

import static io.foretell.testing.NetworkFault.delay;
import static io.foretell.testing.NetworkFault.reset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.TensorFormats;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.DType;
import io.foretell.testing.EchoModel;
import io.foretell.testing.FaultProxy;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both transports over TLS through the fault proxy: certificates and signatures hold, and faults get their names. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultProxyTest {
    private static final Numbers NUMBERS = new Numbers(new float[100_000]);

    /** More than a TLS handshake takes, and less than a request or an answer. */
    private static final int PART = 50_000;

    record Numbers(float[] x) {}

    record Echo(float[] y) {}

    private static TensorFlowServingSandbox grpcServer() {
        return TensorFlowServingSandbox.builder()
                .model("echo", 1, new EchoModel(DType.FLOAT32))
                .tls()
                .start();
    }

    private static FaultProxy before(TensorFlowServingSandbox server) {
        URI address = URI.create("grpc://" + server.target());
        return FaultProxy.to(address.getHost(), address.getPort());
    }

    private static Predictor<Numbers, Echo> predictor(TensorFlowServingSandbox server, FaultProxy proxy) {
        return predictor(TensorFlowServing.to(proxy.target())
                .trustCertificates(server.certificates().caStream())
                .model("echo")
                .build());
    }

    private static SageMakerSandbox httpServer() {
        return SageMakerSandbox.builder()
                .endpoint("echo", new EchoModel(DType.FLOAT32))
                .start();
    }

    private static FaultProxy before(SageMakerSandbox server) {
        return FaultProxy.to(server.uri().getHost(), server.uri().getPort());
    }

    private static Predictor<Numbers, Echo> predictor(SageMakerSandbox server, FaultProxy proxy) {
        return predictor(server.transport("echo")
                .endpointOverride(URI.create("https://" + proxy.target()))
                .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
                .build());
    }

    private static Predictor<Numbers, Echo> predictor(Transport transport) {
        return Predictor.builder(TensorCodecs.records(Numbers.class, Echo.class))
                .transport(transport)
                .retry(RetryPolicy.none())
                .build();
    }

    private static void assertAnswers(Predictor<Numbers, Echo> predictor) {
        assertThat(predictor.predict(NUMBERS).y()).containsExactly(NUMBERS.x());
    }

    private static ErrorCategory failure(Predictor<Numbers, Echo> predictor) {
        return catchThrowableOfType(InferenceException.class, () -> predictor.predict(NUMBERS))
                .category();
    }

    @Test
    void grpc_healthyAndSlow_answers() {
        try (TensorFlowServingSandbox server = grpcServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            assertAnswers(predictor);
            proxy.onAll(delay(Duration.ofMillis(20), Duration.ofMillis(10)));
            assertAnswers(predictor);
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    @Test
    void grpc_resetInTheRequest_isConnectionLost_serverDoesNotRunIt() {
        try (TensorFlowServingSandbox server = grpcServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.onNew(reset().toServer().afterBytes(PART));
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(proxy.resets()).isEqualTo(1);
            assertThat(server.requestCount()).isZero();
        }
    }

    @Test
    void grpc_resetInTheAnswer_isConnectionLost_serverHasRunIt() {
        try (TensorFlowServingSandbox server = grpcServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.onNew(reset().toClient().afterBytes(PART));
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(proxy.resets()).isEqualTo(1);
            assertThat(server.requestCount()).isEqualTo(1);
        }
    }

    @Test
    void grpc_refused_isConnect() {
        try (TensorFlowServingSandbox server = grpcServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.refuse();
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECT);
            assertThat(server.requestCount()).isZero();
        }
    }

    @Test
    void sageMaker_healthyAndSlow_answers() {
        try (SageMakerSandbox server = httpServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            assertAnswers(predictor);
            proxy.onAll(delay(Duration.ofMillis(20), Duration.ofMillis(10)));
            assertAnswers(predictor);
            assertThat(server.requestCount()).isEqualTo(2);
        }
    }

    @Test
    void sageMaker_resetInTheRequest_isConnectionLost_serverDoesNotRunIt() {
        try (SageMakerSandbox server = httpServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.onNew(reset().toServer().afterBytes(PART));
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(proxy.resets()).isEqualTo(1);
            assertThat(server.requestCount()).isZero();
        }
    }

    @Test
    void sageMaker_resetInTheAnswer_isConnectionLost_serverHasRunIt() {
        try (SageMakerSandbox server = httpServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.onNew(reset().toClient().afterBytes(PART));
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(proxy.resets()).isEqualTo(1);
            assertThat(server.requestCount()).isEqualTo(1);
        }
    }

    @Test
    void sageMaker_refused_isConnect() {
        try (SageMakerSandbox server = httpServer();
                FaultProxy proxy = before(server);
                Predictor<Numbers, Echo> predictor = predictor(server, proxy)) {
            proxy.refuse();
            assertThat(failure(predictor)).isEqualTo(ErrorCategory.CONNECT);
            assertThat(server.requestCount()).isZero();
        }
    }
}
