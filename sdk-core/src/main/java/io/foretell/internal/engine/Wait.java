package io.foretell.internal.engine;

import io.foretell.time.Scheduler;
import org.jspecify.annotations.Nullable;

/** One backoff with its timer, so that none touches the timer of another. */
final class Wait {
    volatile Scheduler.@Nullable Timer timer;

    void cancel() {
        Scheduler.Timer pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }
}
