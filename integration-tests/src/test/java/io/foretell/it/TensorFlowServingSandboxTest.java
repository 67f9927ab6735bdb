package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.DataType;
import io.foretell.grpc.proto.GetModelMetadataRequest;
import io.foretell.grpc.proto.GetModelMetadataResponse;
import io.foretell.grpc.proto.GetModelStatusRequest;
import io.foretell.grpc.proto.ModelServiceGrpc;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.grpc.proto.ModelVersionStatus;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.PredictionServiceGrpc;
import io.foretell.grpc.proto.SignatureDef;
import io.foretell.grpc.proto.SignatureDefMap;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.Model;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.testing.TensorSpec;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sandbox as a client of the protocol sees it, through the generated stubs. */
class TensorFlowServingSandboxTest {
    private final TensorFlowServingSandbox sandbox = TensorFlowServingSandbox.builder()
            .model("scale", 1, new Scale(2))
            .model("scale", 3, new Scale(10))
            .model("scale", 3, "halve", new Scale(0.5f))
            .label("scale", "stable", 1)
            .start();
    private final ManagedChannel channel = channel(sandbox, InsecureChannelCredentials.create());

    /** Multiplies rows of two; refuses a first value below zero, and fails of itself on one of zero. */
    private record Scale(float factor) implements Model {
        @Override
        public Map<String, TensorSpec> inputs() {
            return Map.of("x", TensorSpec.of(DType.FLOAT32, -1, 2));
        }

        @Override
        public Map<String, TensorSpec> outputs() {
            return Map.of("y", TensorSpec.of(DType.FLOAT32, -1, 2), "first", TensorSpec.anyShape(DType.FLOAT32));
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs) {
            float[] x = inputs.get("x").floats();
            if (x[0] < 0) {
                throw new IllegalArgumentException("below zero: " + "very ".repeat(1000));
            }
            if (x[0] == 0) {
                throw new IllegalStateException("division by zero");
            }
            float[] y = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                y[i] = x[i] * factor;
            }
            return Map.of("y", Tensor.of(y, inputs.get("x").shape().dims()), "first", Tensor.of(new float[] {y[0]}));
        }
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        sandbox.close();
    }

    @Test
    void predict_noVersion_isAnsweredByTheLatest() {
        PredictResponse response = predict(request(spec("scale")));

        assertThat(floats(response, "y")).containsExactly(10, 20);
        assertThat(response.getModelSpec())
                .isEqualTo(version(3).setSignatureName("serving_default").build());
    }

    @Test
    void predict_versionLabelOrSignature_isAnsweredByIt() {
        assertThat(floats(predict(request(version(1))), "y")).containsExactly(2, 4);
        assertThat(floats(predict(request(spec("scale").setVersionLabel("stable"))), "y"))
                .containsExactly(2, 4);
        assertThat(floats(predict(request(spec("scale").setSignatureName("halve"))), "y"))
                .containsExactly(0.5f, 1);
    }

    @Test
    void predict_outputFilter_answersThatOutputAlone() {
        PredictResponse response = predict(
                request(spec("scale")).toBuilder().addOutputFilter("first").build());

        assertThat(response.getOutputsMap()).containsOnlyKeys("first");
    }

    @Test
    void predict_unknownModelVersionLabelOrSignature_isRefusedAsTensorFlowServingDoes() {
        refused(request(spec("")), Status.Code.INVALID_ARGUMENT, "ModelSpec has no name");
        refused(request(spec("x")), Status.Code.NOT_FOUND, "Servable not found for request: Latest(x)");
        refused(request(version(7)), Status.Code.NOT_FOUND, "Servable not found for request: Specific(scale, 7)");
        refused(
                request(spec("scale").setVersionLabel("canary")),
                Status.Code.INVALID_ARGUMENT,
                "Unrecognized servable version label: canary");
        refused(request(spec("scale").setSignatureName("none")), Status.Code.FAILED_PRECONDITION, "none");
    }

    @Test
    void predict_inputsUnlikeTheSignature_areRefusedByName() {
        PredictRequest right = request(spec("scale"));
        Tensor ints = Tensor.of(new int[] {1, 2}, 1, 2);

        refused(
                right.toBuilder().removeInputs("x").putInputs("z", proto(1, 2)).build(),
                Status.Code.INVALID_ARGUMENT,
                "Sent extra: {z}. Missing but required: {x}.");
        refused(
                right.toBuilder().putInputs("x", TensorProtos.toProto(ints)).build(),
                Status.Code.INVALID_ARGUMENT,
                "input x to be FLOAT32 but INT32");
        refused(
                right.toBuilder().putInputs("x", proto(1, 2, 3)).build(),
                Status.Code.INVALID_ARGUMENT,
                "Input x has shape [1, 3], expected [-1, 2]");
        refused(
                right.toBuilder().addOutputFilter("z").build(),
                Status.Code.INVALID_ARGUMENT,
                "output tensor alias not found in signature: z");
    }

    @Test
    void predict_modelThrows_isTheInputsFaultOrTheModels() {
        PredictRequest right = request(spec("scale"));

        StatusRuntimeException refused = refused(
                right.toBuilder().putInputs("x", proto(-1, 0)).build(), Status.Code.INVALID_ARGUMENT, "below zero");
        refused(right.toBuilder().putInputs("x", proto(0, 0)).build(), Status.Code.INTERNAL, "division by zero");

        assertThat(refused.getStatus().getDescription()).hasSize(1024);
        assertThat(sandbox.requestCount()).isEqualTo(2);
    }

    @Test
    void play_statusTwice_failsTwoCallsAndNoMore() {
        sandbox.play(Fault.status("UNAVAILABLE", "restarting").times(2));

        refused(request(spec("scale")), Status.Code.UNAVAILABLE, "restarting");
        refused(request(spec("scale")), Status.Code.UNAVAILABLE, "restarting");
        assertThatCode(() -> predict(request(spec("scale")))).doesNotThrowAnyException();
        assertThat(sandbox.requestCount()).isEqualTo(3);
    }

    @Test
    void play_delay_answersLater() {
        sandbox.play(Fault.delay(Duration.ofMillis(50)));
        long start = System.nanoTime();

        assertThat(floats(predict(request(spec("scale"))), "y")).containsExactly(10, 20);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
    }

    @Test
    void play_unknownStatus_isRefused() {
        assertThatThrownBy(() -> sandbox.play(Fault.status("BROKEN", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BROKEN");
    }

    @Test
    void predict_cancelledByTheClient_isCounted() throws Exception {
        sandbox.play(Fault.delay(Duration.ofMinutes(10)));
        Future<PredictResponse> call =
                PredictionServiceGrpc.newFutureStub(channel).predict(request(spec("scale")));
        await(() -> sandbox.requestCount() == 1);

        call.cancel(true);

        await(() -> sandbox.cancelledCount() == 1);
    }

    @Test
    void getModelStatus_known_isAvailable() {
        var all = status(spec("scale").build());
        var one = status(spec("scale").setVersionLabel("stable").build());

        assertThat(all).extracting(ModelVersionStatus::getVersion).containsExactly(3L, 1L);
        assertThat(all).extracting(ModelVersionStatus::getState).containsOnly(ModelVersionStatus.State.AVAILABLE);
        assertThat(one).extracting(ModelVersionStatus::getVersion).containsExactly(1L);
    }

    @Test
    void getModelStatus_unknown_isNotFound() {
        assertThatThrownBy(() -> status(spec("x").build()))
                .hasMessage("NOT_FOUND: Could not find any versions of model x");
        assertThatThrownBy(() -> status(version(7).build()))
                .hasMessage("NOT_FOUND: Could not find version 7 of model scale");
    }

    @Test
    void getModelMetadata_signatureDef_holdsEverySignature() throws Exception {
        GetModelMetadataResponse response = metadata("signature_def");

        SignatureDefMap signatures =
                response.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
        assertThat(response.getModelSpec()).isEqualTo(version(3).build());
        assertThat(signatures.getSignatureDefMap()).containsOnlyKeys("serving_default", "halve");
        SignatureDef signature = signatures.getSignatureDefOrThrow("serving_default");
        assertThat(signature.getMethodName()).isEqualTo("tensorflow/serving/predict");
        assertThat(signature.getInputsOrThrow("x").getDtype()).isEqualTo(DataType.DT_FLOAT);
        assertThat(signature.getInputsOrThrow("x").getTensorShape().getDimList())
                .extracting(dim -> dim.getSize())
                .containsExactly(-1L, 2L);
        assertThat(signature.getOutputsOrThrow("first").getTensorShape().getUnknownRank())
                .isTrue();
    }

    @Test
    void getModelMetadata_otherField_isRefused() {
        assertThatThrownBy(() -> metadata("variables")).hasMessageStartingWith("INVALID_ARGUMENT: ");
    }

    @Test
    void tls_clientThatTrustsTheCa_isAnswered() throws Exception {
        try (TensorFlowServingSandbox secure = TensorFlowServingSandbox.builder()
                .model("scale", 1, new Scale(2))
                .tls()
                .start()) {
            ManagedChannel trusting = channel(
                    secure,
                    TlsChannelCredentials.newBuilder()
                            .trustManager(secure.certificates().caStream())
                            .build());
            ManagedChannel distrusting = channel(secure, TlsChannelCredentials.create());
            try {
                assertThat(floats(stub(trusting).predict(request(spec("scale"))), "y"))
                        .containsExactly(2, 4);
                assertThatThrownBy(() -> stub(distrusting).predict(request(spec("scale"))))
                        .hasMessageStartingWith("UNAVAILABLE");
            } finally {
                trusting.shutdownNow();
                distrusting.shutdownNow();
            }
        }
    }

    @Test
    void mutualTls_clientWithoutCertificate_isRefused() throws Exception {
        try (TensorFlowServingSandbox secure = TensorFlowServingSandbox.builder()
                .model("scale", 1, new Scale(2))
                .mutualTls()
                .start()) {
            TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                    .trustManager(secure.certificates().caStream());
            ManagedChannel anonymous = channel(secure, credentials.build());
            ManagedChannel known = channel(
                    secure,
                    credentials
                            .keyManager(
                                    secure.certificates().chainStream(),
                                    secure.certificates().keyStream())
                            .build());
            try {
                assertThatThrownBy(() -> stub(anonymous).predict(request(spec("scale"))))
                        .hasMessageStartingWith("UNAVAILABLE");
                assertThatCode(() -> stub(known).predict(request(spec("scale"))))
                        .doesNotThrowAnyException();
            } finally {
                anonymous.shutdownNow();
                known.shutdownNow();
            }
        }
    }

    @Test
    void builder_sameSignatureTwiceOrLabelOfNothing_isRefused() {
        var builder = TensorFlowServingSandbox.builder().model("scale", 1, new Scale(2));

        assertThatThrownBy(() -> builder.model("scale", 1, new Scale(3))).hasMessageContaining("already");
        assertThatThrownBy(() -> builder.label("scale", "stable", 2)).hasMessageContaining("scale 2");
    }

    private StatusRuntimeException refused(PredictRequest request, Status.Code code, String text) {
        StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, () -> predict(request));
        assertThat(thrown.getStatus().getCode()).isEqualTo(code);
        assertThat(thrown.getStatus().getDescription()).contains(text);
        return thrown;
    }

    private PredictResponse predict(PredictRequest request) {
        return stub(channel).predict(request);
    }

    private GetModelMetadataResponse metadata(String field) {
        return stub(channel)
                .getModelMetadata(GetModelMetadataRequest.newBuilder()
                        .setModelSpec(spec("scale"))
                        .addMetadataField(field)
                        .build());
    }

    private List<ModelVersionStatus> status(ModelSpec spec) {
        return ModelServiceGrpc.newBlockingStub(channel)
                .getModelStatus(
                        GetModelStatusRequest.newBuilder().setModelSpec(spec).build())
                .getModelVersionStatusList();
    }

    private static PredictionServiceGrpc.PredictionServiceBlockingStub stub(ManagedChannel channel) {
        return PredictionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static ManagedChannel channel(TensorFlowServingSandbox sandbox, ChannelCredentials credentials) {
        return Grpc.newChannelBuilder(sandbox.target(), credentials).build();
    }

    private static PredictRequest request(ModelSpec.Builder spec) {
        return PredictRequest.newBuilder()
                .setModelSpec(spec)
                .putInputs("x", proto(1, 2))
                .build();
    }

    private static ModelSpec.Builder spec(String name) {
        return ModelSpec.newBuilder().setName(name);
    }

    private static ModelSpec.Builder version(long version) {
        ModelSpec.Builder spec = spec("scale");
        spec.getVersionBuilder().setValue(version);
        return spec;
    }

    private static TensorProto proto(float... row) {
        return TensorProtos.toProto(Tensor.of(row, 1, row.length));
    }

    private static float[] floats(PredictResponse response, String output) {
        return TensorProtos.toTensors(response.getOutputsMap(), 1 << 20)
                .get(output)
                .floats();
    }

    /** The server counts on its own threads: a guard against waiting for ever, not a measure. */
    private static void await(BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < 3000 && !condition.getAsBoolean(); i++) {
            never.await(10, TimeUnit.MILLISECONDS);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
