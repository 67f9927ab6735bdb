package io.foretell.internal.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executor on which users' code runs. Never loses a task: one that is refused runs where it stands. */
public final class Callbacks implements Executor {
    /** Whose callback this thread runs; null outside all users' code that this library calls. */
    private static final ThreadLocal<@Nullable Object> RUNNING = new ThreadLocal<>();

    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);
    private static final Object CALLER = new Object();

    private final Executor executor;
    private final boolean nested = inside();

    public Callbacks(Executor executor) {
        this.executor = executor;
    }

    /** Whether they were made within a callback. */
    public boolean nested() {
        return nested;
    }

    @Override
    public void execute(Runnable task) {
        execute(new Given(this, task));
    }

    /** The same for a task that is made for these callbacks. */
    void execute(Task task) {
        try {
            executor.execute(task);
        } catch (Throwable refused) { // or no thread to be had; the result must get out all the same
            if (task.isBegun()) {
                LOG.warn("a callback threw", refused); // on an executor that runs it here
            } else {
                task.run();
            }
        }
    }

    /** The same for what nobody waits for: whatever it throws is handed over. */
    void execute(Runnable task, Consumer<Throwable> thrown) {
        execute(() -> {
            try {
                task.run();
            } catch (Throwable fault) { // of a ticker, say, or of a source of chance
                thrown.accept(fault);
            }
        });
    }

    /** Whether this thread is running one of these callbacks. */
    boolean isHere() {
        return RUNNING.get() == this;
    }

    /**
     * Marks what the caller's thread does until {@link #leave} as users' code. Where that thread is the one that will
     * wait for the call, it runs these callbacks already now.
     */
    @Nullable
    Object start() {
        Object before = RUNNING.get();
        RUNNING.set(executor instanceof WaitingExecutor waiting && waiting.isHere() ? this : CALLER);
        return before;
    }

    /** Marks what this thread does until {@link #leave} as users' code, where it is not marked yet. */
    public static @Nullable Object enter() {
        Object before = RUNNING.get();
        if (before == null) {
            RUNNING.set(CALLER);
        }
        return before;
    }

    /** @param before what the mark was set over */
    public static void leave(@Nullable Object before) {
        RUNNING.set(before); // not removed: making the entry anew costs more than the rest of this
    }

    /** Whether this thread is running a callback, so that waiting here for other calls could wait for ever. */
    public static boolean inside() {
        return RUNNING.get() != null;
    }

    /** What runs once at most, marked as a callback. */
    abstract static class Task implements Runnable {
        private static final AtomicIntegerFieldUpdater<Task> BEGUN =
                AtomicIntegerFieldUpdater.newUpdater(Task.class, "begun");

        private final Callbacks whose;
        private volatile int begun;

        Task(Callbacks whose) {
            this.whose = whose;
        }

        /** What there is to do. */
        abstract void callBack();

        private boolean isBegun() {
            return begun != 0;
        }

        @Override
        public final void run() {
            if (BEGUN.compareAndSet(this, 0, 1)) {
                Object before = RUNNING.get();
                RUNNING.set(whose);
                try {
                    callBack();
                } finally {
                    leave(before);
                }
            }
        }
    }

    private static final class Given extends Task {
        private final Runnable task;

        Given(Callbacks whose, Runnable task) {
            super(whose);
            this.task = task;
        }

        @Override
        void callBack() {
            task.run();
        }
    }
}
