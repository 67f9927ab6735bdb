package io.foretell.testing;

import io.foretell.tensor.Tensor;
import java.util.Map;

/** What a sandbox server runs: named tensors in, named tensors out. Must be thread-safe. */
public interface Model {
    /** The inputs it takes, by name. */
    Map<String, TensorSpec> inputs();

    /** The outputs it gives, by name. */
    Map<String, TensorSpec> outputs();

    /**
     * Runs once. The sandbox has checked names and dtypes against {@link #inputs()}.
     *
     * @throws IllegalArgumentException if the input is at fault; any other exception is the model's own
     */
    Map<String, Tensor> run(Map<String, Tensor> inputs) throws Exception;
}
