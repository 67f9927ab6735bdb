package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tensorflow.serving.Model;
import tensorflow.serving.Predict;

/** The classes that upstream's own .proto files generate read what we write, and we read what they write. */
class UpstreamClassesJudgeTest {
    /** Numbers as bytes, strings as values; the same bytes on the wire, so no field more and no field less. */
    @ParameterizedTest
    @EnumSource
    void encode_ofEachShape_writesWhatUpstreamWouldWrite(DType dtype) throws InvalidProtocolBufferException {
        for (Tensor sample : SampleTensors.of(dtype)) {
            byte[] ours = OurTensors.write(sample);

            org.tensorflow.framework.TensorProto expected = UpstreamTensors.compact(sample);
            assertThat(org.tensorflow.framework.TensorProto.parseFrom(ours))
                    .as(sample.toString())
                    .isEqualTo(expected);
            assertThat(ours).as(sample.toString()).isEqualTo(expected.toByteArray());
        }
    }

    @ParameterizedTest
    @EnumSource
    void decode_ofEachForm_givesTheValues(DType dtype) throws InvalidProtocolBufferException {
        for (Tensor sample : SampleTensors.of(dtype)) {
            assertDecoded(UpstreamTensors.compact(sample), sample);
            assertDecoded(UpstreamTensors.typed(sample), sample);
            assertDecoded(UpstreamTensors.unpacked(sample), sample);
        }
    }

    @ParameterizedTest
    @EnumSource
    void decode_ofOneValue_fillsTheShape(DType dtype) throws InvalidProtocolBufferException {
        Tensor one = SampleTensors.of(dtype, Shape.of(1));
        for (Shape shape : List.of(Shape.of(7), Shape.of(2, 3), Shape.of(2, 1, 2, 1, 2, 2))) {
            Tensor filled = Tensor.concat(Collections.nCopies((int) shape.elementCount(), one))
                    .reshape(shape.dims());
            assertDecoded(UpstreamTensors.filling(one, shape), filled);
        }
    }

    /** As a server does with {@code --enable_serialization_as_tensor_content}. */
    @Test
    void decode_ofStringsAsContent_givesTheValues() throws InvalidProtocolBufferException {
        for (Tensor sample : SampleTensors.of(DType.STRING)) {
            assertDecoded(UpstreamTensors.stringsAsContent(sample), sample);
        }
    }

    @ParameterizedTest
    @EnumSource
    void predictRequest_ofOurs_isReadByUpstream(DType dtype) throws InvalidProtocolBufferException {
        Tensor sample = SampleTensors.of(dtype, Shape.of(2, 3));
        PredictRequest ours = PredictRequest.newBuilder()
                .setModelSpec(ModelSpec.newBuilder()
                        .setName("iris")
                        .setVersion(Int64Value.of(7))
                        .setSignatureName("serving_default"))
                .putInputs("x", TensorProtos.toProto(sample))
                .addOutputFilter("y")
                .build();

        Predict.PredictRequest expected = Predict.PredictRequest.newBuilder()
                .setModelSpec(Model.ModelSpec.newBuilder()
                        .setName("iris")
                        .setVersion(Int64Value.of(7))
                        .setSignatureName("serving_default"))
                .putInputs("x", UpstreamTensors.compact(sample))
                .addOutputFilter("y")
                .build();
        assertThat(Predict.PredictRequest.parseFrom(ours.toByteArray())).isEqualTo(expected);
        assertThat(ours.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @Test
    void predictResponse_ofUpstream_isReadByUs() throws InvalidProtocolBufferException {
        Predict.PredictResponse.Builder upstream = Predict.PredictResponse.newBuilder()
                .setModelSpec(Model.ModelSpec.newBuilder().setName("iris").setVersionLabel("canary"));
        for (DType dtype : DType.values()) {
            upstream.putOutputs(dtype.name(), UpstreamTensors.typed(SampleTensors.of(dtype, Shape.of(2, 3))));
        }

        PredictResponse ours = PredictResponse.parseFrom(upstream.build().toByteArray());
        assertThat(ours.getModelSpec().getName()).isEqualTo("iris");
        assertThat(ours.getModelSpec().getVersionLabel()).isEqualTo("canary");
        assertThat(ours.getOutputsMap()).hasSize(DType.values().length);
        for (Map.Entry<String, TensorProto> output : ours.getOutputsMap().entrySet()) {
            DType dtype = DType.valueOf(output.getKey());
            assertThat(OurTensors.read(output.getValue().toByteArray()))
                    .isEqualTo(SampleTensors.of(dtype, Shape.of(2, 3)));
        }
    }

    private static void assertDecoded(org.tensorflow.framework.TensorProto upstream, Tensor sample)
            throws InvalidProtocolBufferException {
        assertThat(OurTensors.read(upstream.toByteArray()))
                .as(sample.toString())
                .isEqualTo(sample);
    }
}
