package io.foretell.error;

/** The credentials are missing, refused, expired, or signed with a clock that is too far off. */
public final class AuthenticationException extends InferenceException {
    private static final long serialVersionUID = 1L;

    AuthenticationException(Builder builder) {
        super(builder);
    }
}
