package io.foretell.error;

/**
 * This client refused the call, or gave it up: a limit is reached, a breaker is open, or the predictor is closed. Nothing was
 * sent where {@link #retrySafety()} is {@link RetrySafety#SAFE}.
 */
public final class RejectedException extends InferenceException {
    private static final long serialVersionUID = 1L;

    RejectedException(Builder builder) {
        super(builder);
    }
}
