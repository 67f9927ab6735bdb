package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.event.CallEvent.Reason;
import io.foretell.policy.RetryPolicy;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which attempt may follow those that failed, and after how long. What failed at the same time counts as a whole: none of
 * these failures may forbid a repetition, and the longest wait is kept.
 */
final class RetryRules {
    private final RetryPolicy policy;
    private final Backoff backoff;

    RetryRules(RetryPolicy policy, RandomGenerator random) {
        this.policy = policy;
        this.backoff = new Backoff(policy, random);
    }

    /** Whether an attempt may follow that nobody pays for and nothing counts. */
    boolean mayRepeatFree(History history, boolean idempotent) {
        return policy.maxAttempts() > 1
                && ErrorRules.neverArrived(history.decisive())
                && history.sent(Reason.TRANSPARENT) == 0
                && history.pending().stream()
                        .allMatch(error -> ErrorRules.neverArrived(error) || allows(error, history, idempotent));
    }

    /** Whether an attempt may follow that is paid for. */
    boolean mayRetry(History history, boolean idempotent) {
        return hasAttemptsLeft(history)
                && history.pending().stream().allMatch(error -> allows(error, history, idempotent));
    }

    private boolean allows(InferenceException error, History history, boolean idempotent) {
        int limit = error.category() == ErrorCategory.MODEL_FAULT
                ? Math.max(policy.modelFaults(), error.maxRetries())
                : error.maxRetries();
        return history.alike(error) <= limit
                && (idempotent || error.retrySafety() == RetrySafety.SAFE)
                && (error.pushback() == null || !error.pushback().isNegative());
    }

    /** Whether the cap leaves room for one more. */
    boolean hasAttemptsLeft(History history) {
        return policy.maxAttempts() > 1 && counted(history) < policy.maxAttempts();
    }

    /** The attempts that the cap counts: not the free one, nor those that met a model still loading. */
    private static int counted(History history) {
        return history.reasons().size() - history.sent(Reason.TRANSPARENT) - history.failures(ErrorCategory.NOT_READY);
    }

    /** How long to wait, in nanoseconds, before the next. */
    long backoff(History history) {
        List<InferenceException> pending = history.pending();
        long longest = 0;
        for (InferenceException error : pending) {
            boolean loading = error.category() == ErrorCategory.NOT_READY;
            int retry = loading ? history.failures(ErrorCategory.NOT_READY) : counted(history);
            longest = Math.max(longest, backoff.nanos(error, retry));
        }
        return longest;
    }
}
