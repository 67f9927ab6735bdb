package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The engine's own failures, and the one place that gives a failure of others its form. */
final class Failures {
    private final Transport transport;

    Failures(Transport transport) {
        this.transport = transport;
    }

    InferenceException of(Throwable fault, int attempts) {
        Throwable root = unwrap(fault);
        if (root instanceof InferenceException known) {
            return known.attempts() == attempts
                    ? known
                    : known.toBuilder().attempts(attempts).build();
        }
        return about(ErrorCategory.INTERNAL, "unexpected " + root.getClass().getName() + " in a call to " + target())
                .cause(root)
                .attempts(attempts)
                .build();
    }

    static Throwable unwrap(Throwable fault) {
        Throwable root = fault;
        while ((root instanceof CompletionException || root instanceof ExecutionException) && root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    InferenceException codec(String doing, Throwable fault, int attempts) {
        if (fault instanceof InferenceException known) {
            return of(known, attempts);
        }
        return about(ErrorCategory.CODEC, doing + " failed: " + fault.getMessage())
                .cause(fault)
                .attempts(attempts)
                .build();
    }

    InferenceException codec(String message, int attempts) {
        return about(ErrorCategory.CODEC, message).attempts(attempts).build();
    }

    InferenceException closed() {
        return about(ErrorCategory.CLOSED, "the predictor for " + target() + " is closed")
                .build();
    }

    InferenceException deadline(Duration timeout, int attempts) {
        return about(
                        ErrorCategory.DEADLINE,
                        "no answer from " + target() + " within " + timeout.toNanos() / 1_000 / 1e3 + " ms")
                .attempts(attempts)
                .build();
    }

    private InferenceException.Builder about(ErrorCategory category, String message) {
        return InferenceException.of(category)
                .message(message)
                .endpoint(transport.endpoint())
                .model(transport.model());
    }

    private String target() {
        return transport.protocol() + " " + transport.endpoint()
                + (transport.model() == null ? "" : " (model " + transport.model() + ")");
    }
}
