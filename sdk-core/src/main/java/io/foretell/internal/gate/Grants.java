package io.foretell.internal.gate;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what was granted, one after the other. A grant that ends at once lets in the next, on the same thread: that one
 * runs after it and not within it, so the stack does not grow with the queue.
 */
public final class Grants {
    private static final Logger LOG = LoggerFactory.getLogger(Grants.class);

    /** What this thread has still to run; null where it runs no grants. */
    private static final ThreadLocal<@Nullable Queue<Runnable>> PENDING = new ThreadLocal<>();

    private Grants() {}

    public static void run(List<Runnable> granted) {
        Queue<Runnable> outer = PENDING.get();
        if (outer != null) {
            outer.addAll(granted);
            return;
        }
        Queue<Runnable> pending = new ArrayDeque<>(granted);
        PENDING.set(pending);
        try {
            for (Runnable next = pending.poll(); next != null; next = pending.poll()) {
                runOne(next);
            }
        } finally {
            PENDING.remove();
        }
    }

    private static void runOne(Runnable granted) {
        try {
            granted.run();
        } catch (Throwable bug) {
            LOG.error("what a queue let go went wrong", bug);
        }
    }
}
