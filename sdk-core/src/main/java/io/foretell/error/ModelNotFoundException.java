package io.foretell.error;

/** There is no such endpoint, model or version. */
public final class ModelNotFoundException extends InferenceException {
    private static final long serialVersionUID = 1L;

    ModelNotFoundException(Builder builder) {
        super(builder);
    }
}
