package io.foretell.error;

/** A value could not be encoded, or an answer not be decoded. */
public final class CodecException extends InferenceException {
    private static final long serialVersionUID = 1L;

    CodecException(Builder builder) {
        super(builder);
    }
}
