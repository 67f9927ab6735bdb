package io.foretell.error;

/** A quota is used up, or the container asks for fewer requests. */
public final class ThrottledException extends InferenceException {
    private static final long serialVersionUID = 1L;

    ThrottledException(Builder builder) {
        super(builder);
    }
}
