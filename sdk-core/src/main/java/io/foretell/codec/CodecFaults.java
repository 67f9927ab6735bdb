package io.foretell.codec;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;

/** The errors of this package's codecs. */
final class CodecFaults {
    private CodecFaults() {}

    /** Nothing was sent. */
    static InferenceException encoding(String message) {
        return InferenceException.of(ErrorCategory.CODEC)
                .message(message)
                .retrySafety(RetrySafety.SAFE)
                .build();
    }

    static InferenceException decoding(String message) {
        return InferenceException.of(ErrorCategory.CODEC).message(message).build();
    }

    static InferenceException decoding(String message, Throwable cause) {
        return InferenceException.of(ErrorCategory.CODEC)
                .message(message)
                .cause(cause)
                .build();
    }
}
