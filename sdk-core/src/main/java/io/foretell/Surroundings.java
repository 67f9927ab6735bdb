package io.foretell;

import io.foretell.internal.engine.Callbacks;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a derived predictor shares with the one it wraps: time, where callbacks run, how long a call may take, and
 * whether it may run twice.
 */
record Surroundings(Ticker ticker, Scheduler scheduler, Callbacks callbacks, Duration timeout, boolean idempotent) {
    /** For predictors that are not this library's. Its timer is the JVM's, which no code of a user's may hold up. */
    private static final Surroundings FOREIGN = new Surroundings(
            Ticker.system(),
            Surroundings::schedule,
            new Callbacks(DefaultPredictor.pool("foretell-callback-")),
            Duration.ofSeconds(70),
            true);

    static Surroundings of(Predictor<?, ?> predictor) {
        if (predictor instanceof DefaultPredictor<?, ?> plain) {
            return plain.surroundings();
        }
        return predictor instanceof DerivedPredictor<?, ?> derived ? derived.around : FOREIGN;
    }

    private static Scheduler.Timer schedule(Runnable task, long delayNanos) {
        CompletableFuture<Boolean> due =
                new CompletableFuture<Boolean>().completeOnTimeout(true, delayNanos, TimeUnit.NANOSECONDS);
        due.thenRun(task);
        return () -> due.cancel(false);
    }

    Duration timeout(CallOptions options) {
        Duration own = options.timeout();
        return own == null ? timeout : own;
    }

    boolean idempotent(CallOptions options) {
        Boolean own = options.idempotent();
        return own == null ? idempotent : own;
    }
}
