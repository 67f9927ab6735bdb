package io.foretell.testing;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Errors in TensorFlow Serving's form. */
final class ServingErrors {
    /** Where TensorFlow Serving cuts an error's text. */
    private static final int MAX_TEXT = 1024;

    private ServingErrors() {}

    static StatusRuntimeException of(Status.Code code, String text) {
        String cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        return code.toStatus().withDescription(cut).asRuntimeException();
    }

    /** What a model threw: its input's fault, or its own. */
    static StatusRuntimeException ofModel(Throwable thrown) {
        Status.Code code =
                thrown instanceof IllegalArgumentException ? Status.Code.INVALID_ARGUMENT : Status.Code.INTERNAL;
        String message = thrown.getMessage();
        return of(code, message == null ? thrown.getClass().getName() : message);
    }
}
