package io.foretell.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the calls in flight and knows when the last has ended after closing. Lock-free. */
final class Lifecycle {
    private static final long CLOSED = Long.MIN_VALUE;

    /** Calls in flight; the sign bit says closed. */
    private final AtomicLong state = new AtomicLong();

    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    /** Admits calls, unless closed. */
    boolean enter(int calls) {
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
        if (state.decrementAndGet() == CLOSED) {
            drained.complete(null);
        }
    }

    /** Admits no more; true for the first to say so. */
    boolean close() {
        long before = state.getAndUpdate(seen -> seen | CLOSED);
        if (before == 0) {
            drained.complete(null);
        }
        return before >= 0;
    }

    /** Completes when closed and nothing is in flight. */
    CompletableFuture<Void> drained() {
        return drained;
    }
}
