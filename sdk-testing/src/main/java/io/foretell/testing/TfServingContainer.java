package io.foretell.testing;

import io.foretell.error.InferenceException;
import io.foretell.http.internal.TfServingJson;
import io.foretell.http.internal.TfServingJson.Document;
import io.foretell.http.internal.TfServingJson.Form;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import io.grpc.StatusRuntimeException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** SageMaker's TensorFlow container: a model of tensors behind TensorFlow Serving's JSON. Thread-safe. */
final class TfServingContainer implements BytesModel {
    /** The sandbox has bounded the body already. */
    private static final TfServingJson JSON = new TfServingJson(Integer.MAX_VALUE, Long.MAX_VALUE);

    private final Model model;

    TfServingContainer(Model model) {
        this.model = model;
    }

    @Override
    public Payload.Bytes run(Payload.Bytes input) throws Exception {
        String mediaType = input.mediaType().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!mediaType.equals(TfServingJson.MEDIA_TYPE)) {
            throw new UnsupportedMediaType(input.mediaType());
        }
        Document request = read(input);
        check(request.tensors());
        Map<String, Tensor> outputs = model.run(request.tensors());
        Form form = request.form() == Form.INSTANCES ? Form.PREDICTIONS : Form.OUTPUTS;
        return new Payload.Bytes(TfServingJson.MEDIA_TYPE, JSON.write(form, outputs, null, true));
    }

    private Document read(Payload.Bytes input) {
        Map<String, DType> dtypes = model.inputs().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, spec -> spec.getValue().dtype()));
        String unnamed = dtypes.size() == 1 ? dtypes.keySet().iterator().next() : "(unnamed)";
        try {
            return JSON.read(input.content(), Form.INPUTS, Form.INSTANCES, dtypes, unnamed);
        } catch (InferenceException e) {
            throw new IllegalArgumentException("Failed to process the request body: " + e.getMessage(), e);
        }
    }

    private void check(Map<String, Tensor> inputs) {
        try {
            InputCheck.names(inputs.keySet(), model.inputs().keySet());
            InputCheck.tensors(inputs, model.inputs());
        } catch (StatusRuntimeException e) {
            throw new IllegalArgumentException(e.getStatus().getDescription(), e);
        }
    }
}
