package io.foretell.internal.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** The executor on which users' code runs. Never loses a task: one that is refused runs where it stands. */
public final class Callbacks implements Executor {
    private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

    private final Executor executor;

    public Callbacks(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        Once once = new Once(task);
        try {
            executor.execute(once);
        } catch (Throwable refused) { // or no thread to be had; the result must get out all the same
            once.run();
        }
    }

    /** Marks what this thread does meanwhile as the user's code. */
    static void within(Runnable task) {
        within(() -> {
            task.run();
            return true;
        });
    }

    /** Marks what this thread does meanwhile as the user's code. */
    public static boolean within(BooleanSupplier task) {
        boolean nested = INSIDE.get();
        INSIDE.set(true);
        try {
            return task.getAsBoolean();
        } finally {
            if (!nested) {
                INSIDE.remove();
            }
        }
    }

    private static final class Once extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1L;

        private final transient Runnable task;

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (compareAndSet(false, true)) {
                within(task);
            }
        }
    }

    /** Whether this thread is running a callback, so that waiting here for other calls could wait for ever. */
    public static boolean inside() {
        return INSIDE.get();
    }
}
