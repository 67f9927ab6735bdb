package io.foretell.error;

/** The request is at fault, by the server's word or ours: sending it again fails again. */
public final class InvalidRequestException extends InferenceException {
    private static final long serialVersionUID = 1L;

    InvalidRequestException(Builder builder) {
        super(builder);
    }
}
