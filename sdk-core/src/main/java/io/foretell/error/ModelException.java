package io.foretell.error;

/** The model or its container answered with an error: not the network's fault, nor the service's. */
public final class ModelException extends InferenceException {
    private static final long serialVersionUID = 1L;

    ModelException(Builder builder) {
        super(builder);
    }
}
