package io.foretell;

import io.foretell.internal.engine.CallGroup;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a caller holds. Done by anyone but the engine (cancelled, timed out, completed), it stops the call. */
final class CallFuture<T> extends CompletableFuture<T> {
    void stops(CallGroup<?, ?> group) {
        whenComplete((@Nullable T value, @Nullable Throwable error) -> group.cancel());
    }

    /** Futures derived from this one are ordinary: cancelling them stops nothing. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
