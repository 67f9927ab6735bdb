package io.foretell.it;

import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.family.TType;

/** Runs the signature {@code serving_default} of a SavedModel on TensorFlow itself. Thread-safe until closed. */
final class SavedModelEngine implements Model, AutoCloseable {
    private final SavedModelBundle bundle;
    private final SignatureDef signature;

    private SavedModelEngine(SavedModelBundle bundle) {
        this.bundle = bundle;
        this.signature = bundle.metaGraphDef().getSignatureDefOrThrow("serving_default");
    }

    static SavedModelEngine load(Path folder) {
        return new SavedModelEngine(SavedModelBundle.load(folder.toString(), SavedModelBundle.DEFAULT_TAG));
    }

    @Override
    public Map<String, TensorSpec> inputs() {
        return specs(signature.getInputsMap());
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return specs(signature.getOutputsMap());
    }

    /** What TensorFlow itself finds wrong with an input, it throws as an IllegalArgumentException. */
    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        List<TType> fed = new ArrayList<>();
        try {
            Session.Runner runner = bundle.session().runner();
            inputs.forEach((name, tensor) -> {
                TType input = TensorFlowTensors.toTensorFlow(tensor);
                fed.add(input);
                runner.feed(signature.getInputsOrThrow(name).getName(), input);
            });
            signature.getOutputsMap().values().forEach(output -> runner.fetch(output.getName()));
            try (Result result = runner.run()) {
                return outputs(result);
            }
        } finally {
            fed.forEach(TType::close);
        }
    }

    @Override
    public void close() {
        bundle.close();
    }

    private Map<String, Tensor> outputs(Result result) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        int index = 0;
        for (String name : signature.getOutputsMap().keySet()) {
            outputs.put(name, TensorFlowTensors.fromTensorFlow(result.get(index++)));
        }
        return outputs;
    }

    private static Map<String, TensorSpec> specs(Map<String, TensorInfo> infos) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        infos.forEach((name, info) ->
                specs.put(name, new TensorSpec(TensorFlowTensors.dtype(info.getDtype()), dims(info.getTensorShape()))));
        return specs;
    }

    private static List<Long> dims(TensorShapeProto shape) {
        return shape.getUnknownRank()
                ? null
                : shape.getDimList().stream().map(TensorShapeProto.Dim::getSize).toList();
    }
}
