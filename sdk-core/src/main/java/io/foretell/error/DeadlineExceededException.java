package io.foretell.error;

/** The call's deadline passed before its answer came. */
public final class DeadlineExceededException extends InferenceException {
    private static final long serialVersionUID = 1L;

    DeadlineExceededException(Builder builder) {
        super(builder);
    }
}
