package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.testing.EchoModel;
import io.foretell.testing.TensorFlowServingSandbox;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.framework.SignatureDef;
import tensorflow.serving.GetModelMetadata;
import tensorflow.serving.GetModelStatus;
import tensorflow.serving.Model;
import tensorflow.serving.ModelServiceGrpc;
import tensorflow.serving.Predict;
import tensorflow.serving.PredictionServiceGrpc;

/** A client of upstream's own classes takes our sandbox for TensorFlow Serving. */
class UpstreamClientTest {
    private static final long MAX_SECONDS = 30;

    private static TensorFlowServingSandbox sandbox;
    private static ManagedChannel channel;

    @BeforeAll
    static void connect() {
        TensorFlowServingSandbox.Builder builder = TensorFlowServingSandbox.builder();
        for (DType dtype : DType.values()) {
            builder.model(dtype.name(), 3, new EchoModel(dtype)).model(dtype.name(), 7, new EchoModel(dtype));
        }
        sandbox = builder.label("INT32", "stable", 3).start();
        channel = Grpc.newChannelBuilder(sandbox.target(), InsecureChannelCredentials.create())
                .build();
    }

    @AfterAll
    static void close() {
        channel.shutdownNow();
        sandbox.close();
    }

    @ParameterizedTest
    @EnumSource
    void predict_ofEitherForm_answersWithTheTensor(DType dtype) {
        Tensor sample = SampleTensors.of(dtype, Shape.of(2, 3));
        for (var written : new org.tensorflow.framework.TensorProto[] {
            UpstreamTensors.compact(sample), UpstreamTensors.typed(sample), UpstreamTensors.unpacked(sample)
        }) {
            Predict.PredictResponse response = predictions()
                    .predict(Predict.PredictRequest.newBuilder()
                            .setModelSpec(model(dtype.name()))
                            .putInputs("x", written)
                            .build());

            assertThat(response.getOutputsMap()).isEqualTo(Map.of("y", UpstreamTensors.compact(sample)));
            assertThat(response.getModelSpec().getVersion()).isEqualTo(Int64Value.of(7));
        }
    }

    @Test
    void predict_ofALabel_answersWithItsVersion() {
        Predict.PredictResponse response = predictions()
                .predict(Predict.PredictRequest.newBuilder()
                        .setModelSpec(model("INT32").setVersionLabel("stable"))
                        .putInputs("x", UpstreamTensors.typed(Tensor.of(new int[] {1, 2})))
                        .build());

        assertThat(response.getModelSpec().getVersion()).isEqualTo(Int64Value.of(3));
    }

    @Test
    void predict_ofAnUnknownModel_isNotFound() {
        Predict.PredictRequest request = Predict.PredictRequest.newBuilder()
                .setModelSpec(model("absent"))
                .build();

        assertThatThrownBy(() -> predictions().predict(request))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        thrown -> assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @ParameterizedTest
    @EnumSource
    void getModelMetadata_ofASignature_describesInputsAndOutputs(DType dtype) throws Exception {
        GetModelMetadata.GetModelMetadataResponse response = predictions()
                .getModelMetadata(GetModelMetadata.GetModelMetadataRequest.newBuilder()
                        .setModelSpec(model(dtype.name()))
                        .addMetadataField("signature_def")
                        .build());

        assertThat(response.getModelSpec().getName()).isEqualTo(dtype.name());
        SignatureDef signature = response.getMetadataOrThrow("signature_def")
                .unpack(GetModelMetadata.SignatureDefMap.class)
                .getSignatureDefOrThrow("serving_default");
        assertThat(signature.getMethodName()).isEqualTo("tensorflow/serving/predict");
        assertThat(signature.getInputsMap()).containsOnlyKeys("x");
        assertThat(signature.getOutputsMap()).containsOnlyKeys("y");
        assertThat(signature.getInputsOrThrow("x").getDtype()).isEqualTo(UpstreamTensors.dataType(dtype));
        assertThat(signature.getOutputsOrThrow("y").getTensorShape().getUnknownRank())
                .isTrue();
    }

    @Test
    void getModelStatus_ofAModel_listsItsVersions() {
        GetModelStatus.GetModelStatusResponse response = ModelServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(MAX_SECONDS, TimeUnit.SECONDS)
                .getModelStatus(GetModelStatus.GetModelStatusRequest.newBuilder()
                        .setModelSpec(model("INT32"))
                        .build());

        assertThat(response.getModelVersionStatusList())
                .extracting(GetModelStatus.ModelVersionStatus::getVersion)
                .containsExactlyInAnyOrder(3L, 7L);
        assertThat(response.getModelVersionStatusList())
                .extracting(GetModelStatus.ModelVersionStatus::getState)
                .containsOnly(GetModelStatus.ModelVersionStatus.State.AVAILABLE);
    }

    private static PredictionServiceGrpc.PredictionServiceBlockingStub predictions() {
        return PredictionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(MAX_SECONDS, TimeUnit.SECONDS);
    }

    private static Model.ModelSpec.Builder model(String name) {
        return Model.ModelSpec.newBuilder().setName(name);
    }
}
