package io.foretell.internal.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The executor on which users' code runs. Never loses a task: one that is refused runs where it stands. */
public final class Callbacks implements Executor {
    private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

    private final Executor executor;

    public Callbacks(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        Runnable marked = () -> run(task);
        try {
            executor.execute(marked);
        } catch (RejectedExecutionException refused) {
            marked.run();
        }
    }

    private static void run(Runnable task) {
        boolean nested = INSIDE.get();
        INSIDE.set(true);
        try {
            task.run();
        } finally {
            if (!nested) {
                INSIDE.remove();
            }
        }
    }

    /** Whether this thread is running a callback, so that waiting here for other calls could wait for ever. */
    public static boolean inside() {
        return INSIDE.get();
    }
}
