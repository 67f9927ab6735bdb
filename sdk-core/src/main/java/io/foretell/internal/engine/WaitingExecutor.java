package io.foretell.internal.engine;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs a blocking call's callbacks on the thread that waits for it; what comes later goes to another executor. */
public final class WaitingExecutor implements Executor {
    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<WaitingExecutor, Queue> TASKS =
            AtomicReferenceFieldUpdater.newUpdater(WaitingExecutor.class, Queue.class, "tasks");

    private final Executor afterwards;
    private final Thread waiter = Thread.currentThread();
    private volatile @Nullable Queue<Runnable> tasks; // from the first task on; many calls have none
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
        Queue<Runnable> queue = tasks();
        queue.add(task);
        LockSupport.unpark(waiter);
        if (left && queue.remove(task)) { // the waiter may have left between the two
            afterwards.execute(task);
        }
    }

    private Queue<Runnable> tasks() {
        Queue<Runnable> known = tasks;
        if (known != null) {
            return known;
        }
        Queue<Runnable> made = new ConcurrentLinkedQueue<>();
        return TASKS.compareAndSet(this, null, made) ? made : Objects.requireNonNull(tasks);
    }

    private @Nullable Runnable next() {
        Queue<Runnable> known = tasks;
        return known == null ? null : known.poll();
    }

    private boolean isEmpty() {
        Queue<Runnable> known = tasks;
        return known == null || known.isEmpty();
    }

    /**
     * Runs tasks until the future is done. To be called once, by the thread that made this.
     *
     * @throws InterruptedException if interrupted before that; the tasks go to the other executor
     */
    public void await(CompletableFuture<?> future) throws InterruptedException {
        try {
            if (!future.isDone()) {
                future.whenComplete((value, error) -> LockSupport.unpark(waiter));
            }
            while (!future.isDone()) {
                Runnable task = next();
                if (task != null) {
                    task.run();
                } else if (Thread.interrupted()) {
                    throw new InterruptedException();
                } else if (isEmpty() && !future.isDone()) {
                    LockSupport.park(this);
                }
            }
        } finally {
            left = true;
            for (Runnable task = next(); task != null; task = next()) {
                afterwards.execute(task);
            }
        }
    }
}
