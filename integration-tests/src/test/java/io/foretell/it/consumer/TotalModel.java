package io.foretell.it.consumer;

import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorSpec;
import java.util.Map;

/** Adds up each row. */
final class TotalModel implements Model {
    @Override
    public Map<String, TensorSpec> inputs() {
        return Map.of("x", TensorSpec.of(DType.FLOAT32, -1, 3));
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return Map.of("y", TensorSpec.of(DType.FLOAT32, -1));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        Tensor x = inputs.get("x");
        float[] totals = new float[(int) x.shape().dim(0)];
        for (int row = 0; row < totals.length; row++) {
            for (float value : x.row(row).floats()) {
                totals[row] += value;
            }
        }
        return Map.of("y", Tensor.of(totals));
    }
}
