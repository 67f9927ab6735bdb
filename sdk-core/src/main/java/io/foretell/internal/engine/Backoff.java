package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.RetryPolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a retry. The wait doubles with each, up to a cap, and is spread over all of it, so that what
 * failed together does not come back together. A server's pushback is the least it may be.
 */
final class Backoff {
    private static final long PATIENT_BASE = 1_000_000_000L;
    private static final long PATIENT_CAP = 20_000_000_000L;

    private static final long LONGEST = Long.MAX_VALUE / 2;

    private final long base;
    private final long throttledBase;
    private final long cap;
    private final RandomGenerator random;

    Backoff(RetryPolicy policy, RandomGenerator random) {
        this.base = nanos(policy.baseBackoff());
        this.throttledBase = nanos(policy.throttledBackoff());
        this.cap = nanos(policy.maxBackoff());
        this.random = random;
    }

    private static long nanos(Duration duration) {
        return Math.min(LONGEST, TimeUnit.NANOSECONDS.convert(duration));
    }

    /**
     * The wait in nanoseconds.
     *
     * @param error why the attempt before failed; its pushback, if any, is not negative
     * @param retry 1 for the first retry after such a failure
     */
    long nanos(InferenceException error, int retry) {
        long usual = usual(error.category(), retry);
        Duration pushback = error.pushback();
        return pushback == null ? usual : Math.max(usual, pushedBack(pushback));
    }

    private long usual(ErrorCategory category, int retry) {
        return switch (category) {
            case AUTH_EXPIRED, CLOCK_SKEW -> 0; // what was wrong is put right by now
            case NOT_READY -> patient(retry);
            case THROTTLED -> upTo(doubled(throttledBase, retry, cap));
            default -> upTo(doubled(base, retry, cap));
        };
    }

    /** Never earlier than told, and at most a tenth later. */
    private long pushedBack(Duration pushback) {
        long told = nanos(pushback);
        return told + upTo(told / 10);
    }

    /** A model takes its time to load: never less than half of the wait. */
    private long patient(int retry) {
        long half = doubled(PATIENT_BASE, retry, PATIENT_CAP) / 2;
        return half + upTo(half);
    }

    private static long doubled(long base, int retry, long cap) {
        int doublings = Math.max(0, retry - 1);
        return doublings < Long.numberOfLeadingZeros(base) - 1 ? Math.min(cap, base << doublings) : cap;
    }

    private long upTo(long most) {
        return random.nextLong(most + 1);
    }
}
