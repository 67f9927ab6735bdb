package io.foretell.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.DeadlineExceededException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.error.RetrySafety;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Transport;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What every transport that carries tensors must do, over a real socket. A transport's test extends this; JUnit 5 and
 * AssertJ must be on its class path. The model behind the server echoes its one input {@code x} as its output {@code y}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class TransportContract {
    private static final Duration FAR = Duration.ofMinutes(1);

    private final List<AutoCloseable> opened = new ArrayList<>();

    /** A server with one model. */
    protected interface Server extends AutoCloseable {
        /** A new transport to it. */
        Transport transport();

        /** How many inference requests have arrived. */
        long requests();

        /** How many of them the client gave up before their answer. */
        long givenUp();

        /** Has the next requests meet these faults. */
        void play(Fault... faults);

        @Override
        void close();
    }

    /** For subclasses. */
    protected TransportContract() {}

    /** Starts a server on loopback. */
    protected abstract Server start(Model model) throws Exception;

    /** A transport to a port of this machine where nobody listens. */
    protected abstract Transport nowhere(int port) throws Exception;

    /** The dtypes that the transport can carry. */
    protected abstract Set<DType> dtypes();

    /** The size of a float tensor, in bytes, that must go through. */
    protected abstract int bigTensorBytes();

    /** The size of a float tensor, in bytes, that must be refused before anything is sent. */
    protected abstract int tooBigTensorBytes();

    /** What the server may answer, and what that means. */
    protected abstract Map<Fault, ErrorCategory> errors();

    @AfterEach
    final void closeAll() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @TestFactory
    List<DynamicTest> values_everyDtypeAndRank_comeBackEqual() {
        return dtypes().stream()
                .sorted()
                .map(dtype -> DynamicTest.dynamicTest(dtype.name(), () -> {
                    try (Server server = start(new EchoModel(dtype));
                            Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = predictor(server)) {
                        for (Shape shape : List.of(
                                Shape.scalar(),
                                Shape.of(1),
                                Shape.of(5),
                                Shape.of(2, 3),
                                Shape.of(1, 2, 3),
                                Shape.of(0))) {
                            Tensor sent = EchoModel.sample(dtype, shape);
                            assertThat(predictor.predict(Map.of("x", sent))).isEqualTo(Map.of("y", sent));
                        }
                    }
                }))
                .toList();
    }

    @Test
    void bigTensor_upToTheLimit_comesBackEqual() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        Tensor big = Tensor.of(new float[bigTensorBytes() / 4]);
        assertThat(opened(predictor(server)).predict(Map.of("x", big))).isEqualTo(Map.of("y", big));
    }

    @Test
    void bigTensor_aboveTheLimit_isRefusedAndNothingIsSent() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        Tensor tooBig = Tensor.of(new float[tooBigTensorBytes() / 4]);
        InferenceException error = failure(opened(predictor(server)), tooBig);
        assertThat(error.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(error).hasMessageContaining("limit");
        assertThat(server.requests()).isZero();
    }

    @Test
    void deadline_serverThatDoesNotAnswer_endsTheCallAndTheExchange() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        var predictor = opened(predictor(server));
        predictor.predict(Map.of("x", sample())); // so that the next call spends its time on the server
        server.play(Fault.delay(FAR));
        DeadlineExceededException error = catchThrowableOfType(
                DeadlineExceededException.class,
                () -> predictor.predict(
                        Map.of("x", sample()), CallOptions.none().withTimeout(Duration.ofMillis(300))));
        assertThat(error.attempts()).isEqualTo(1);
        await(server::givenUp, 1);
    }

    @Test
    void cancel_callInFlight_reachesTheServer() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        server.play(Fault.delay(FAR));
        CompletableFuture<?> call = opened(predictor(server)).predictAsync(Map.of("x", sample()));
        await(server::requests, 1);
        assertThat(call.cancel(true)).isTrue();
        await(server::givenUp, 1);
    }

    @Test
    void cancel_callInFlight_leavesOthersAlone() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        var predictor = opened(predictor(server));
        server.play(Fault.delay(FAR));
        CompletableFuture<?> call = predictor.predictAsync(Map.of("x", sample()));
        await(server::requests, 1);
        call.cancel(true);
        assertThat(predictor.predict(Map.of("x", sample()))).isEqualTo(Map.of("y", sample()));
    }

    @Test
    void close_callInFlight_letsItFinishAndRefusesTheNext() throws Exception {
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        var predictor = predictor(server);
        server.play(Fault.delay(Duration.ofMillis(300)));
        CompletableFuture<Map<String, Tensor>> call = predictor.predictAsync(Map.of("x", sample()));
        await(server::requests, 1);
        predictor.close();
        predictor.close();
        assertThat(call).isCompletedWithValue(Map.of("y", sample()));
        RejectedException error =
                catchThrowableOfType(RejectedException.class, () -> predictor.predict(Map.of("x", sample())));
        assertThat(error.category()).isEqualTo(ErrorCategory.CLOSED);
        assertThat(server.requests()).isEqualTo(1);
    }

    @TestFactory
    List<DynamicTest> errors_everyClass_areToldApart() {
        return errors().entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.getKey().status() + " " + row.getKey().errorType() + " is " + row.getValue(), () -> {
                            try (Server server = start(new EchoModel(DType.FLOAT32));
                                    var predictor = predictor(server)) {
                                server.play(row.getKey());
                                InferenceException error = failure(predictor, sample());
                                assertThat(error.category()).isEqualTo(row.getValue());
                                assertThat(error.transportCode())
                                        .contains(row.getKey().status());
                                assertThat(error.endpoint()).isNotEmpty();
                                assertThat(error.attempts()).isEqualTo(1);
                                assertThat(server.requests()).isEqualTo(1);
                            }
                        }))
                .toList();
    }

    @Test
    void connect_nobodyListens_saysSoAndIsSafeToRetry() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        InferenceException error = failure(opened(predictor(nowhere(port))), sample());
        assertThat(error.category()).isEqualTo(ErrorCategory.CONNECT);
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
    }

    @Test
    void concurrentUse_64Threads_eachGetsItsOwnAnswer() throws Exception {
        int threads = 64;
        int callsEach = 20;
        Server server = opened(start(new EchoModel(DType.FLOAT32)));
        var predictor = opened(predictor(server));
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        opened.add(pool::shutdownNow);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int number = thread;
            running.add(pool.submit(() -> {
                for (int i = 0; i < callsEach; i++) {
                    Tensor own = Tensor.of(new float[] {number, i});
                    assertThat(predictor.predict(Map.of("x", own))).isEqualTo(Map.of("y", own));
                }
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        assertThat(server.requests()).isEqualTo((long) threads * callsEach);
    }

    private static Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor(Server server) {
        return predictor(server.transport());
    }

    private static Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor(Transport transport) {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .retry(RetryPolicy.none()) // one call is one exchange
                .build();
    }

    private static InferenceException failure(
            Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, Tensor input) {
        InferenceException error =
                catchThrowableOfType(InferenceException.class, () -> predictor.predict(Map.of("x", input)));
        assertThat(error).as("the call was to fail").isNotNull();
        return error;
    }

    private static Tensor sample() {
        return EchoModel.sample(DType.FLOAT32, Shape.of(2, 3));
    }

    /** Closes a resource of the subclass after the test. */
    protected final void closedAtTheEnd(AutoCloseable resource) {
        opened.add(resource);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Waits for what another thread is about to do; the suite's time-out ends it. */
    private static void await(LongSupplier value, long expected) {
        while (value.getAsLong() < expected && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(value.getAsLong()).isEqualTo(expected);
    }
}
