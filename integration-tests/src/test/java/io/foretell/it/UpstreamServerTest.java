package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Int64Value;
import io.foretell.CallOptions;
import io.foretell.Prediction;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tensorflow.serving.Model;
import tensorflow.serving.Predict;
import tensorflow.serving.PredictionServiceGrpc;

/** A server of upstream's own classes takes our client for TensorFlow's. */
class UpstreamServerTest {
    private static final Answers ANSWERS = new Answers();

    private static Server server;

    @BeforeAll
    static void start() throws IOException {
        server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(ANSWERS)
                .build()
                .start();
    }

    @AfterAll
    static void stop() {
        server.shutdownNow();
    }

    @Test
    void predict_ofEveryDType_sendsAndReadsTheMessagesOfUpstream() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (DType dtype : DType.values()) {
            inputs.put(dtype.name(), SampleTensors.of(dtype, Shape.of(2, 3)));
        }

        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(TensorCodecs.tensors())
                .transport(TensorFlowServing.to("127.0.0.1:" + server.getPort())
                        .model("echo")
                        .version(7)
                        .signature("twice")
                        .allowPlaintext()
                        .build())
                .build()) {
            Prediction<Map<String, Tensor>> prediction = predictor.call(inputs, CallOptions.none());

            assertThat(prediction.value()).isEqualTo(inputs);
            assertThat(prediction.servedBy()).isEqualTo("7");
        }

        Predict.PredictRequest.Builder expected = Predict.PredictRequest.newBuilder()
                .setModelSpec(Model.ModelSpec.newBuilder()
                        .setName("echo")
                        .setVersion(Int64Value.of(7))
                        .setSignatureName("twice"));
        inputs.forEach((name, tensor) -> expected.putInputs(name, UpstreamTensors.compact(tensor)));
        assertThat(ANSWERS.request).isEqualTo(expected.build());
    }

    /** Keeps the request; answers with the same tensors, but in typed fields, as TensorFlow Serving does by default. */
    private static final class Answers extends PredictionServiceGrpc.PredictionServiceImplBase {
        private volatile Predict.PredictRequest request;

        @Override
        public void predict(Predict.PredictRequest request, StreamObserver<Predict.PredictResponse> observer) {
            this.request = request;
            Predict.PredictResponse.Builder response =
                    Predict.PredictResponse.newBuilder().setModelSpec(request.getModelSpec());
            for (String name : request.getInputsMap().keySet()) {
                Tensor sample = SampleTensors.of(DType.valueOf(name), Shape.of(2, 3));
                response.putOutputs(name, UpstreamTensors.typed(sample));
            }
            observer.onNext(response.build());
            observer.onCompleted();
        }
    }
}
