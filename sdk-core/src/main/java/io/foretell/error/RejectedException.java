package io.foretell.error;

/** This client refused the call before sending anything: a limit is reached, or the predictor is closed. */
public final class RejectedException extends InferenceException {
    private static final long serialVersionUID = 1L;

    RejectedException(Builder builder) {
        super(builder);
    }
}
