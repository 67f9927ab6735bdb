package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.Predictor;
import io.foretell.codec.Codec;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.InvalidRequestException;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.testing.TensorFlowServingSandbox;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;

/** TensorFlow's own answers come through our client unchanged. */
@RunsTensorFlow
class SavedModelTest {
    record Row(float[] x) {}

    record Scores(float[] y) {}

    @TempDir
    static Path folder;

    private static SavedModelEngine linear;
    private static SavedModelEngine types;
    private static TensorFlowServingSandbox sandbox;

    @BeforeAll
    static void serveSavedModels() throws Exception {
        SavedModels.exportLinear(folder.resolve("linear"));
        SavedModels.exportTypes(folder.resolve("types"));
        linear = SavedModelEngine.load(folder.resolve("linear"));
        types = SavedModelEngine.load(folder.resolve("types"));
        sandbox = TensorFlowServingSandbox.builder()
                .model("linear", 1, linear)
                .model("types", 1, types)
                .start();
    }

    @AfterAll
    static void stop() {
        sandbox.close();
        linear.close();
        types.close();
    }

    @Test
    void predictAll_ofRecords_givesTensorFlowsAnswers() {
        List<Row> rows = List.of(
                new Row(new float[] {1, 2, 3, 4}), new Row(new float[] {0, -0.1f, 1e6f, 1e-6f}), new Row(new float[4]));
        Tensor x = Tensor.stack(rows.stream().map(row -> Tensor.of(row.x())).toList());
        Tensor expected = answers("linear", Map.of("x", x)).get("y");
        assertThat(expected.row(2).floats()).isEqualTo(SavedModels.BIAS);

        try (Predictor<Row, Scores> predictor = predictor("linear", TensorCodecs.records(Row.class, Scores.class))) {
            List<Scores> all = predictor.predictAll(rows);
            assertThat(all).hasSize(3);
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).y()).isEqualTo(expected.row(i).floats());
            }
            assertThat(predictor.predict(rows.get(0)).y()).isEqualTo(all.get(0).y());
        }
    }

    @Test
    void predict_ofEveryDTypeAtOnce_givesTensorFlowsAnswers() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (DType dtype : TensorFlowTensors.TYPES.keySet()) {
            inputs.put(dtype.name(), SampleTensors.of(dtype, Shape.of(4, 3)));
        }

        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                predictor("types", TensorCodecs.tensors())) {
            Map<String, Tensor> outputs = predictor.predict(inputs);
            assertThat(outputs).hasSize(inputs.size()).isEqualTo(answers("types", inputs));
            long first = inputs.get("INT64").longs()[0];
            assertThat(outputs.get("INT64").longs()[0]).isEqualTo(first * first);
        }
    }

    @Test
    void predict_ofAnEmptyBatch_givesAnEmptyAnswer() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[0], 0, 4));
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                predictor("linear", TensorCodecs.tensors())) {
            assertThat(predictor.predict(inputs)).isEqualTo(Map.of("y", Tensor.of(new float[0], 0, 3)));
        }
    }

    @Test
    void predict_ofAShapeThatTensorFlowRefuses_isAnInvalidRequest() {
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[5], 1, 5));
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                predictor("linear", TensorCodecs.tensors())) {
            assertThatThrownBy(() -> predictor.predict(inputs)).isInstanceOf(InvalidRequestException.class);
        }
    }

    private static <I, O> Predictor<I, O> predictor(String model, Codec<I, O> codec) {
        return Predictor.builder(codec)
                .transport(TensorFlowServing.to(sandbox.target())
                        .model(model)
                        .allowPlaintext()
                        .build())
                .build();
    }

    /** By TensorFlow Java's own way of calling a SavedModel, past the engine and the wire. */
    private static Map<String, Tensor> answers(String model, Map<String, Tensor> inputs) {
        Map<String, org.tensorflow.Tensor> fed = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> fed.put(name, TensorFlowTensors.toTensorFlow(tensor)));
        Map<String, Tensor> answers = new LinkedHashMap<>();
        try (SavedModelBundle bundle =
                        SavedModelBundle.load(folder.resolve(model).toString());
                Result result = bundle.function("serving_default").call(fed)) {
            result.forEach(entry -> answers.put(entry.getKey(), TensorFlowTensors.fromTensorFlow(entry.getValue())));
        } finally {
            fed.values().forEach(org.tensorflow.Tensor::close);
        }
        return answers;
    }
}
