package io.foretell.error;

/** The model exists and is still being loaded: worth waiting for. */
public final class ModelNotReadyException extends InferenceException {
    private static final long serialVersionUID = 1L;

    ModelNotReadyException(Builder builder) {
        super(builder);
    }
}
