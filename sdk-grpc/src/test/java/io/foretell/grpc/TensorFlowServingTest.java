package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.error.TransportException;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TensorFlowServingTest {
    private static final Tensor INPUT = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

    private LoopbackServer server;
    private TensorFlowServing transport;

    @BeforeEach
    void start() throws Exception {
        server = new LoopbackServer();
        transport = to(server).build();
    }

    @AfterEach
    void stop() {
        transport.close();
        server.close();
    }

    @Test
    void predict_overTheWire_givesValuesAndTellsItsProgress() {
        CompletableFuture<PredictRequest> seen = new CompletableFuture<>();
        server.answer((request, observer) -> {
            seen.complete(request);
            observer.onNext(PredictResponse.newBuilder()
                    .putAllOutputs(request.getInputsMap())
                    .setModelSpec(ModelSpec.newBuilder().setName("iris").setVersion(Int64Value.of(7)))
                    .build());
            observer.onCompleted();
        });
        RecordingContext context = new RecordingContext();

        InferenceResponse response = transport.send(request(INPUT), context).join();

        assertThat(response.payload()).isEqualTo(new Payload.Tensors(Map.of("x", INPUT)));
        assertThat(response.servedBy()).isEqualTo("7");
        assertThat(seen.join().getModelSpec())
                .isEqualTo(ModelSpec.newBuilder()
                        .setName("iris")
                        .setSignatureName("serving_default")
                        .build());
        assertThat(context.reports()).containsExactly("sent", "started");
    }

    @Test
    void largeRequest_overTheWire_isReportedAsSentBeforeTheAnswer() {
        Tensor large = Tensor.of(new float[8 << 20]);
        RecordingContext context = new RecordingContext();

        InferenceResponse response = transport.send(request(large), context).join();

        assertThat(response.payload()).isEqualTo(new Payload.Tensors(Map.of("x", large)));
        assertThat(context.reports()).containsExactly("sent", "started");
    }

    @Test
    void requestSent_withoutAnAnswer_isReported() {
        server.answer((request, observer) -> {});
        for (Tensor input : List.of(INPUT, Tensor.of(new float[1 << 20]))) {
            RecordingContext context = new RecordingContext();

            CompletableFuture<InferenceResponse> answer = transport.send(request(input), context);

            context.sent().join();
            assertThat(context.reports()).containsExactly("sent");
            answer.cancel(true);
        }
    }

    @Test
    void attributes_ofACall_replaceTheTransportsTarget() {
        InferenceRequest request = request(INPUT)
                .with(TensorFlowServing.MODEL, "wine")
                .with(TensorFlowServing.SIGNATURE, "classify")
                .with(TensorFlowServing.VERSION, 3L);
        CompletableFuture<ModelSpec> seen = new CompletableFuture<>();
        server.answer((message, observer) -> {
            seen.complete(message.getModelSpec());
            observer.onError(Status.NOT_FOUND.asRuntimeException());
        });

        InferenceException fault = failure(transport.send(request, new RecordingContext()));

        assertThat(seen.join())
                .isEqualTo(ModelSpec.newBuilder()
                        .setName("wine")
                        .setSignatureName("classify")
                        .setVersion(Int64Value.of(3))
                        .build());
        assertThat(fault.model()).isEqualTo("wine");
    }

    @Test
    void versionLabel_ofACall_replacesTheTransportsVersion() {
        try (TensorFlowServing versioned = to(server).version(1).build()) {
            InferenceRequest request = request(INPUT).with(TensorFlowServing.VERSION_LABEL, "canary");
            CompletableFuture<ModelSpec> seen = new CompletableFuture<>();
            server.answer((message, observer) -> {
                seen.complete(message.getModelSpec());
                observer.onNext(PredictResponse.getDefaultInstance());
                observer.onCompleted();
            });

            versioned.send(request, new RecordingContext()).join();

            assertThat(seen.join().getVersionLabel()).isEqualTo("canary");
        }
    }

    @Test
    void versionAndLabel_ofOneCall_areRefusedUnsent() {
        InferenceRequest request =
                request(INPUT).with(TensorFlowServing.VERSION_LABEL, "canary").with(TensorFlowServing.VERSION, 1L);

        InferenceException fault = failure(transport.send(request, new RecordingContext()));

        assertThat(fault.category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
        assertThat(server.calls()).isZero();
    }

    @Test
    void bytes_areRefusedUnsent() {
        InferenceRequest request =
                InferenceRequest.of(Payload.Bytes.of("text/plain", new byte[1]), 1, Attributes.empty());

        InferenceException fault = failure(transport.send(request, new RecordingContext()));

        assertThat(fault.category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(transport.accepts(Payload.Kind.BYTES)).isFalse();
    }

    @Test
    void deadline_reachesTheServer() {
        CompletableFuture<Long> remaining = new CompletableFuture<>();
        server.answer((request, observer) -> {
            Deadline deadline = Context.current().getDeadline();
            remaining.complete(deadline == null ? -1 : deadline.timeRemaining(TimeUnit.SECONDS));
            observer.onError(Status.NOT_FOUND.asRuntimeException());
        });

        transport.send(request(INPUT), new RecordingContext(Duration.ofHours(1)));

        assertThat(remaining.join()).isBetween(1800L, 3600L);
    }

    @Test
    void deadline_passed_endsTheCall() {
        server.answer((request, observer) -> {});

        InferenceException fault =
                failure(transport.send(request(INPUT), new RecordingContext(Duration.ofMillis(200))));

        assertThat(fault.category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(fault.transportCode()).isEqualTo("DEADLINE_EXCEEDED");
    }

    @Test
    void deadline_passedBeforeSending_isSafe() {
        InferenceException fault = failure(transport.send(request(INPUT), new RecordingContext(Duration.ofMillis(-1))));

        assertThat(fault.category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(server.calls()).isZero();
    }

    @Test
    void cancel_reachesTheServer() {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        server.answer((request, observer) -> {
            observer.setOnCancelHandler(() -> cancelled.complete(null));
            arrived.complete(null);
        });
        CompletableFuture<InferenceResponse> answer = transport.send(request(INPUT), new RecordingContext());
        arrived.join();

        answer.cancel(true);

        cancelled.join();
        assertThat(answer).isCancelled();
    }

    @Test
    void requestLargerThanTheLimit_isNeverSent() {
        try (TensorFlowServing small = to(server).maxRequestBytes(1000).build()) {
            InferenceException byContent =
                    failure(small.send(request(Tensor.of(new float[251])), new RecordingContext()));
            InferenceException byFraming =
                    failure(small.send(request(Tensor.of(new float[249])), new RecordingContext()));

            assertThat(byContent).hasMessageContaining("1004").hasMessageContaining("1000");
            assertThat(byFraming).hasMessageContaining("limit of 1000");
            assertThat(byFraming.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
            assertThat(byFraming.retrySafety()).isEqualTo(RetrySafety.SAFE);
            small.send(request(Tensor.of(new float[200])), new RecordingContext())
                    .join();
            assertThat(server.calls()).isEqualTo(1);
        }
    }

    @Test
    void responseLargerThanTheLimit_isTooLargeAndUnsafe() {
        try (TensorFlowServing small = to(server).maxResponseBytes(1000).build()) {
            InferenceException fault = failure(small.send(request(Tensor.of(new float[1000])), new RecordingContext()));

            assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
            assertThat(fault).hasMessageContaining("1000");
        }
    }

    @Test
    void responseLargerThanTheLimit_onceUnpacked_isTooLargeAndUnsafe() {
        server.answer((request, observer) -> {
            observer.setCompression("gzip");
            observer.onNext(PredictResponse.newBuilder()
                    .putAllOutputs(request.getInputsMap())
                    .build());
            observer.onCompleted();
        });
        try (TensorFlowServing small = to(server).maxResponseBytes(100_000).build()) {
            InferenceException fault =
                    failure(small.send(request(Tensor.of(new float[1 << 20])), new RecordingContext()));

            assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
            assertThat(server.calls()).isEqualTo(1);
        }
    }

    @Test
    void requestLargerThanTheServersLimit_isTooLargeAndSafe() {
        Tensor large = Tensor.of(new float[(LoopbackServer.MAX_REQUEST_BYTES >> 2) + 1]);

        InferenceException fault = failure(transport.send(request(large), new RecordingContext()));

        assertThat(fault.category()).isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
    }

    @Test
    void malformedTensor_inTheAnswer_isNamed() {
        server.answer((request, observer) -> {
            observer.onNext(PredictResponse.newBuilder()
                    .putOutputs("y", TensorProto.newBuilder().setDtypeValue(99).build())
                    .build());
            observer.onCompleted();
        });

        InferenceException fault = failure(transport.send(request(INPUT), new RecordingContext()));

        assertThat(fault.category()).isEqualTo(ErrorCategory.PROTOCOL);
        assertThat(fault.model()).isEqualTo("iris");
        assertThat(fault).hasMessageContaining("tensor \"y\"").hasMessageContaining(server.target());
    }

    @Test
    void connection_lostBeforeTheAnswer_isUnknown() {
        server.answer((request, observer) -> server.close());

        InferenceException fault = failure(transport.send(request(INPUT), new RecordingContext()));

        assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
    }

    @Test
    void refusedPort_isConnectAndSafe() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (TensorFlowServing nowhere = TensorFlowServing.to("127.0.0.1:" + port)
                .model("iris")
                .allowPlaintext()
                .build()) {
            InferenceException fault = failure(nowhere.send(request(INPUT), new RecordingContext()));

            assertThat(fault.category()).isEqualTo(ErrorCategory.CONNECT);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        }
    }

    @Test
    void tlsByDefault_againstAPlaintextServer_isATransportException() {
        try (TensorFlowServing secure =
                TensorFlowServing.to(server.target()).model("iris").build()) {
            InferenceException fault = failure(secure.send(request(INPUT), new RecordingContext()));

            assertThat(fault).isInstanceOf(TransportException.class);
            assertThat(fault.category()).isEqualTo(ErrorCategory.TLS);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(server.calls()).isZero();
        }
    }

    @Test
    void close_letsCallsInFlightFinishAndRefusesLaterOnes() {
        CompletableFuture<Runnable> arrived = new CompletableFuture<>();
        server.answer((request, observer) -> arrived.complete(() -> {
            observer.onNext(PredictResponse.getDefaultInstance());
            observer.onCompleted();
        }));
        CompletableFuture<InferenceResponse> inFlight = transport.send(request(INPUT), new RecordingContext());
        Runnable finish = arrived.join();

        transport.close();
        transport.close();
        InferenceException fault = failure(transport.send(request(INPUT), new RecordingContext()));
        finish.run();

        assertThat(fault.category()).isEqualTo(ErrorCategory.CLOSED);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(inFlight.join().payload()).isEqualTo(new Payload.Tensors(Map.of()));
    }

    @Test
    void channel_ofTheUser_isUsedAndLeftOpen() {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(server.target()).usePlaintext().build();
        try (TensorFlowServing own =
                TensorFlowServing.to("mine").model("iris").channel(channel).build()) {
            Tensor large = Tensor.of(new float[2 << 20]); // above the channel's own 4 MiB
            Payload answer =
                    own.send(request(large), new RecordingContext()).join().payload();
            assertThat(answer).isEqualTo(new Payload.Tensors(Map.of("x", large)));
        }

        assertThat(channel.isShutdown()).isFalse();
        channel.shutdownNow();
    }

    private static TensorFlowServing.Builder to(LoopbackServer server) {
        return TensorFlowServing.to(server.target()).model("iris").allowPlaintext();
    }

    private static InferenceRequest request(Tensor input) {
        return InferenceRequest.of(new Payload.Tensors(Map.of("x", input)), 1, Attributes.empty());
    }

    private static InferenceException failure(CompletableFuture<?> future) {
        assertThatThrownBy(future::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(InferenceException.class);
        return (InferenceException) future.handle((value, fault) -> fault).join();
    }
}
