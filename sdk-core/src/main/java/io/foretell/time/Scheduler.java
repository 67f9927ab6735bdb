package io.foretell.time;

/** Runs timers. A task must be short and must not block: all timers of a predictor share one thread. */
@FunctionalInterface
public interface Scheduler {
    /**
     * Runs the task once, on a thread of the scheduler and never within this call.
     *
     * @param delayNanos how long to wait; zero or less means as soon as possible
     * @return cancels the task where it has not begun; cancelling twice does nothing
     * @throws java.util.concurrent.RejectedExecutionException if the scheduler is shut down
     */
    Timer schedule(Runnable task, long delayNanos);

    /** A scheduled task. */
    @FunctionalInterface
    interface Timer {
        /** Removes the task where it has not begun. */
        void cancel();
    }
}
