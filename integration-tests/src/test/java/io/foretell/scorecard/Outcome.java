package io.foretell.scorecard;

import io.foretell.error.RejectedException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** How a call ended. */
public enum Outcome {
    SUCCESS,
    FAILURE,
    /** The caller gave it up. */
    CANCELLED,
    /** A limit of the client's own refused it. */
    REJECTED;

    static Outcome of(Throwable error) {
        Throwable cause = cause(error);
        return cause == null
                ? SUCCESS
                : cause instanceof CancellationException
                        ? CANCELLED
                        : cause instanceof RejectedException ? REJECTED : FAILURE;
    }

    /** What hides in the wrappers of futures; null of null. */
    static Throwable cause(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? cause(error.getCause()) : error;
    }
}
