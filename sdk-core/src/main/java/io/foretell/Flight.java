package io.foretell;

import io.foretell.codec.ItemResult;
import java.util.concurrent.atomic.AtomicInteger;

/** One call that several callers wait for. It begins with one of them and stops when the last has gone. */
final class Flight<T> {
    private final AtomicInteger waiting = new AtomicInteger(1);
    private final CallFuture<ItemResult<T>> result = new CallFuture<>();

    CallFuture<ItemResult<T>> result() {
        return result;
    }

    /** One more waits; false where none did any more. */
    boolean join() {
        int seen = waiting.get();
        while (seen > 0) {
            if (waiting.compareAndSet(seen, seen + 1)) {
                return true;
            }
            seen = waiting.get();
        }
        return false;
    }

    /** One waits no more. */
    void leave() {
        if (waiting.decrementAndGet() == 0) {
            result.cancel(true); // and with it the call
        }
    }
}
