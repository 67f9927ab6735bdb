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
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both transports over TLS through the fault proxy: certificates and signatures hold, and faults get their names. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultProxyTest {
    private static final Numbers NUMBERS = new Numbers(new float[100_000]);

    /** More than a TLS handshake takes, and less than a request or an answer. */
    private static final int PART = 50_000;

    record Numbers(float[] x) {}

    record Echo(float[] y) {}

    /** A server behind a proxy, and a predictor that sees the proxy alone. */
    private record Setup(Runnable stop, LongSupplier requests, FaultProxy proxy, Predictor<Numbers, Echo> predictor)
            implements AutoCloseable {
        static Setup grpc() {
            TensorFlowServingSandbox server = TensorFlowServingSandbox.builder()
                    .model("echo", 1, new EchoModel(DType.FLOAT32))
                    .tls()
                    .start();
            FaultProxy proxy = before(URI.create("grpc://" + server.target()));
            Transport transport = TensorFlowServing.to(proxy.target())
                    .trustCertificates(server.certificates().caStream())
                    .model("echo")
                    .build();
            return new Setup(server::close, server::requestCount, proxy, predictor(transport));
        }

        static Setup sageMaker() {
            SageMakerSandbox server = SageMakerSandbox.builder()
                    .endpoint("echo", new EchoModel(DType.FLOAT32))
                    .start();
            FaultProxy proxy = before(server.uri());
            Transport transport = server.transport("echo")
                    .endpointOverride(URI.create("https://" + proxy.target()))
                    .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
                    .build();
            return new Setup(server::close, server::requestCount, proxy, predictor(transport));
        }

        private static FaultProxy before(URI server) {
            return FaultProxy.to(server.getHost(), server.getPort());
        }

        private static Predictor<Numbers, Echo> predictor(Transport transport) {
            return Predictor.builder(TensorCodecs.records(Numbers.class, Echo.class))
                    .transport(transport)
                    .retry(RetryPolicy.none())
                    .build();
        }

        void assertAnswers() {
            assertThat(predictor.predict(NUMBERS).y()).containsExactly(NUMBERS.x());
        }

        ErrorCategory failure() {
            return catchThrowableOfType(InferenceException.class, () -> predictor.predict(NUMBERS))
                    .category();
        }

        @Override
        public void close() {
            predictor.close();
            proxy.close();
            stop.run();
        }
    }

    private static Stream<Named<Supplier<Setup>>> both() {
        return Stream.of(Named.of("grpc", Setup::grpc), Named.of("sageMaker", Setup::sageMaker));
    }

    @Test
    void grpc_healthyAndSlow_answersOverOneConnection() {
        try (Setup setup = Setup.grpc()) {
            assertAnswersHealthyAndSlow(setup);
            assertThat(setup.proxy().connections()).isEqualTo(1);
        }
    }

    @Test
    void sageMaker_healthyAndSlow_answers() {
        try (Setup setup = Setup.sageMaker()) {
            assertAnswersHealthyAndSlow(setup);
            assertThat(setup.requests().getAsLong()).isEqualTo(2);
        }
    }

    private static void assertAnswersHealthyAndSlow(Setup setup) {
        setup.assertAnswers();
        setup.proxy().onAll(delay(Duration.ofMillis(20), Duration.ofMillis(10)));
        setup.assertAnswers();
    }

    @ParameterizedTest
    @MethodSource("both")
    void resetInTheRequest_isConnectionLost_serverDoesNotRunIt(Supplier<Setup> start) {
        try (Setup setup = start.get()) {
            setup.proxy().onNew(reset().toServer().afterBytes(PART));
            assertThat(setup.failure()).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(setup.proxy().resets()).isEqualTo(1);
            assertThat(setup.requests().getAsLong()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void resetInTheAnswer_isConnectionLost_serverHasRunIt(Supplier<Setup> start) {
        try (Setup setup = start.get()) {
            setup.proxy().onNew(reset().toClient().afterBytes(PART));
            assertThat(setup.failure()).isEqualTo(ErrorCategory.CONNECTION_LOST);
            assertThat(setup.proxy().resets()).isEqualTo(1);
            assertThat(setup.requests().getAsLong()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void refused_isConnect(Supplier<Setup> start) {
        try (Setup setup = start.get()) {
            setup.proxy().refuse();
            assertThat(setup.failure()).isEqualTo(ErrorCategory.CONNECT);
            assertThat(setup.requests().getAsLong()).isZero();
        }
    }
}
