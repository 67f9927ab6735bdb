package io.foretell.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls in flight, and knows when all have ended that were there at a moment: at a flush, or at the close after
 * which none comes. Lock-free.
 */
final class Lifecycle {
    private static final long CLOSED = Long.MIN_VALUE;

    /** The calls that entered between two flushes. */
    static final class Epoch {
        /** Calls in flight; the sign bit says that none may enter any more. */
        private final AtomicLong state = new AtomicLong();

        private final CompletableFuture<Void> drained = new CompletableFuture<>();

        /** Completes when those before it have drained. */
        private final CompletableFuture<Void> past;

        Epoch(CompletableFuture<Void> past) {
            this.past = past;
        }

        private boolean enter(int calls) {
            long seen = state.get();
            while (seen >= 0) {
                if (state.compareAndSet(seen, seen + calls)) {
                    return true;
                }
                seen = state.get();
            }
            return false;
        }

        void exit() {
            exit(1);
        }

        private void exit(int calls) {
            if (state.addAndGet(-calls) == CLOSED) {
                drained.complete(null);
            }
        }

        private void close() {
            if (state.getAndUpdate(seen -> seen | CLOSED) == 0) {
                drained.complete(null);
            }
        }

        private CompletableFuture<Void> drainedWithPast() {
            return past.isDone() ? drained : CompletableFuture.allOf(past, drained);
        }
    }

    private static final AtomicReferenceFieldUpdater<Lifecycle, Epoch> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(Lifecycle.class, Epoch.class, "current");

    private volatile Epoch current = new Epoch(CompletableFuture.completedFuture(null));

    private final AtomicBoolean closed = new AtomicBoolean();

    /** Admits calls, each of which must exit from what it gives; null once closed. */
    @Nullable
    Epoch enter(int calls) {
        while (!closed.get()) {
            Epoch epoch = current;
            if (epoch.enter(calls)) {
                if (!closed.get()) {
                    return epoch;
                }
                epoch.exit(calls); // it may be one that a flush began after the close
            }
        }
        return null;
    }

    /** Completes when the calls that have entered by now have ended. */
    CompletableFuture<Void> flush() {
        Epoch before;
        Epoch after;
        do {
            before = current;
            after = new Epoch(before.drainedWithPast());
        } while (!CURRENT.compareAndSet(this, before, after));
        before.close();
        if (closed.get()) {
            after.close();
        }
        return after.past.copy();
    }

    /** Admits no more; true for the first to say so. */
    boolean close() {
        if (!closed.compareAndSet(false, true)) {
            return false;
        }
        current.close(); // a flush at the same time closes what it has begun
        return true;
    }

    /** Completes when closed and nothing is in flight. */
    CompletableFuture<Void> drained() {
        return current.drainedWithPast();
    }
}
