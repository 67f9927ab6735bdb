package io.foretell.error;

/** The service cannot answer now, or failed outside the model. */
public final class UnavailableException extends InferenceException {
    private static final long serialVersionUID = 1L;

    UnavailableException(Builder builder) {
        super(builder);
    }
}
