package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.event.CallEvent;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The engine's own failures, and the one place that gives a failure of others its form. */
final class Failures {
    private final CallEvent.Source source;

    Failures(CallEvent.Source source) {
        this.source = source;
    }

    /** An exception of ours stays what it is, any other becomes the cause of one. */
    InferenceException of(Throwable fault, int attempts) {
        Throwable root = unwrap(fault);
        if (root instanceof InferenceException known) {
            return known.attempts() == attempts
                    ? known
                    : known.toBuilder().attempts(attempts).build();
        }
        return about(ErrorCategory.INTERNAL, "unexpected in a call to " + source + ": " + root, attempts)
                .cause(root)
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
        String why = fault.getMessage() == null ? fault.getClass().getName() : fault.getMessage();
        return about(ErrorCategory.CODEC, doing + " failed: " + why, attempts)
                .cause(fault)
                .build();
    }

    InferenceException codec(String message, int attempts) {
        return about(ErrorCategory.CODEC, message, attempts).build();
    }

    InferenceException closed() {
        return about(ErrorCategory.CLOSED, "the predictor for " + source + " is closed", 0)
                .build();
    }

    InferenceException noTimer(Throwable cause, int attempts) {
        return about(ErrorCategory.LOCAL_REJECTED, "the scheduler took no timer for the deadline: " + cause, attempts)
                .cause(cause)
                .build();
    }

    InferenceException breakerOpen(int endpoints) {
        String which = endpoints == 1
                ? "the breaker of " + source + " is"
                : "the breakers of all " + endpoints + " endpoints (" + source + " is the first) are";
        return about(ErrorCategory.LOCAL_REJECTED, "nothing was sent: " + which + " open, since calls kept failing", 0)
                .build();
    }

    /** Of an attempt that was let in when it was of no more use. */
    InferenceException tooLate() {
        return about(
                        ErrorCategory.LOCAL_REJECTED,
                        "nothing more was sent: its place in the limits of " + source
                                + " came with too little time left, or while the predictor closed",
                        0)
                .build();
    }

    InferenceException shadowFull() {
        return about(ErrorCategory.LOCAL_REJECTED, "no copy was sent: the limits of " + source + " are reached", 0)
                .build();
    }

    InferenceException timeout(long nanos, int attempts) {
        return about(
                        ErrorCategory.TIMEOUT,
                        "attempt " + attempts + " at " + source + " had no answer after " + nanos / 1_000 / 1e3 + " ms",
                        attempts)
                .build();
    }

    /** @param calls how many had not ended by then */
    InferenceException closing(Duration grace, int calls, int attempts) {
        return about(
                        ErrorCategory.CLOSED,
                        "the predictor for " + source + " was closed and waited no longer than its grace of "
                                + grace.toMillis() + " ms, after which it gave up " + calls + " calls",
                        attempts)
                .build();
    }

    InferenceException deadline(Duration timeout, int attempts) {
        double millis = timeout.toNanos() / 1_000 / 1e3;
        return about(ErrorCategory.DEADLINE, "no answer from " + source + " within " + millis + " ms", attempts)
                .build();
    }

    private InferenceException.Builder about(ErrorCategory category, String message, int attempts) {
        InferenceException.Builder failure = InferenceException.of(category)
                .message(message)
                .attempts(attempts)
                .endpoint(source.endpoint())
                .model(source.model());
        if (attempts == 0) {
            return failure.retrySafety(RetrySafety.SAFE); // unsent, so the model did not run
        }
        return category.usualSafety() == RetrySafety.SAFE ? failure.retrySafety(RetrySafety.UNKNOWN) : failure;
    }
}
