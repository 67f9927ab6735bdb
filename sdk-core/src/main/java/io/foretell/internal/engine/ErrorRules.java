package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.internal.gate.Breaker;
import io.foretell.internal.gate.Gate;

/** What the gates learn from a failure, and which failures are free to repeat: the error table, less its retry column. */
final class ErrorRules {
    /** What a breaker counts. */
    private enum Verdict {
        /** The endpoint works, if it was the one to say so. */
        SUCCESS,
        /** The endpoint is in trouble. */
        FAILURE,
        /** Says nothing of the endpoint. */
        NONE
    }

    private ErrorRules() {}

    /** Of whatever an exchange has ended with; what is no failure of ours is a cancellation. */
    static ErrorCategory category(Throwable end) {
        return end instanceof InferenceException known ? known.category() : ErrorCategory.CANCELLED;
    }

    private static Verdict verdict(ErrorCategory category) {
        return switch (category) {
            case INVALID_REQUEST, PAYLOAD_TOO_LARGE, NOT_FOUND, MODEL_CLIENT_ERROR -> Verdict.SUCCESS;
            case OVERLOADED, SERVER_FAULT, MODEL_FAULT, MODEL_TIMEOUT, CONNECT, CONNECTION_LOST, PROTOCOL ->
                Verdict.FAILURE;
            case TIMEOUT, DEADLINE -> Verdict.FAILURE; // as slow as they were
            case AUTH, AUTH_EXPIRED, CLOCK_SKEW, NOT_READY, THROTTLED, TLS -> Verdict.NONE;
            case CODEC, LOCAL_REJECTED, CLOSED, CANCELLED, INTERNAL -> Verdict.NONE;
        };
    }

    /** What an adaptive limit learns. */
    static Gate.Outcome outcome(ErrorCategory category) {
        return switch (category) {
            case THROTTLED, OVERLOADED, TIMEOUT, DEADLINE -> Gate.Outcome.DROPPED;
            default -> Gate.Outcome.IGNORE; // a fast failure must not teach that the endpoint is fast
        };
    }

    /** Gives a permission back with what the breaker may learn. */
    static void settle(Breaker breaker, long permission, ErrorCategory category, long nanos, Throwable error) {
        switch (verdict(category)) {
            case SUCCESS -> {
                if (isAnswer(error)) {
                    breaker.success(permission, nanos);
                } else { // refused before it was sent: nothing is known of the endpoint
                    breaker.release(permission);
                }
            }
            case FAILURE -> breaker.failure(permission, nanos, error);
            case NONE -> breaker.release(permission);
        }
    }

    private static boolean isAnswer(Throwable error) {
        return error instanceof InferenceException known && known.transportCode() != null;
    }

    /** Whether the request provably never reached the model for want of a connection. */
    static boolean neverArrived(InferenceException error) {
        return error.retrySafety() == RetrySafety.SAFE
                && (error.category() == ErrorCategory.CONNECT || error.category() == ErrorCategory.CONNECTION_LOST);
    }
}
