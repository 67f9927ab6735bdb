package io.foretell.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/** Runs a blocking call's callbacks on the thread that waits for it; what comes later goes to another executor. */
public final class WaitingExecutor implements Executor {
    private final Executor afterwards;
    private final Thread waiter = Thread.currentThread();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean left;

    public WaitingExecutor(Executor afterwards) {
        this.afterwards = afterwards;
    }

    /** Whether this is the thread that waits, and it has not left. */
    boolean isHere() {
        return Thread.currentThread() == waiter && !left;
    }

    @Override
    public void execute(Runnable task) {
        if (left) {
            afterwards.execute(task);
            return;
        }
        tasks.add(task);
        LockSupport.unpark(waiter);
        if (left && tasks.remove(task)) { // the waiter may have left between the two
            afterwards.execute(task);
        }
    }

    /**
     * Runs tasks until the future is done. To be called once, by the thread that made this.
     *
     * @throws InterruptedException if interrupted before that; the tasks go to the other executor
     */
    public void await(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.whenComplete((value, error) -> LockSupport.unpark(waiter));
            while (!future.isDone()) {
                Runnable task = tasks.poll();
                if (task != null) {
                    task.run();
                } else if (Thread.interrupted()) {
                    throw new InterruptedException();
                } else if (tasks.isEmpty() && !future.isDone()) {
                    LockSupport.park(this);
                }
            }
        } finally {
            left = true;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                afterwards.execute(task);
            }
        }
    }
}
