package io.foretell;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.CallGroup;
import io.foretell.internal.engine.Callbacks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a caller holds. Done by anyone but the engine (cancelled, timed out, completed), it stops the call. */
class CallFuture<T> extends CompletableFuture<T> {
    final void stops(CallGroup<?, ?> group) {
        if (!isDone()) {
            whenComplete((@Nullable T value, @Nullable Throwable error) -> group.cancel());
        }
    }

    /** The same where other calls stand behind this future. Stopping one that has ended does nothing. */
    final void stops(CompletableFuture<?> call) {
        whenComplete((@Nullable T value, @Nullable Throwable error) -> call.cancel(true));
    }

    /**
     * Goes on when another call has ended: fails as it did, or takes the step that its result leads to. A step that
     * throws fails this future, which so never stays open.
     */
    final <S> void follows(CompletableFuture<S> call, Consumer<? super S> step) {
        call.whenComplete((@Nullable S result, @Nullable Throwable fault) -> {
            try {
                if (fault == null) {
                    step.accept(result);
                } else {
                    Throwable cause = fault instanceof CompletionException ? fault.getCause() : null;
                    completeExceptionally(cause == null ? fault : cause);
                }
            } catch (Throwable thrown) {
                completeExceptionally(internal(thrown));
            }
        });
    }

    private static InferenceException internal(Throwable thrown) {
        return thrown instanceof InferenceException known
                ? known
                : InferenceException.of(ErrorCategory.INTERNAL)
                        .message(
                                "handling a result failed: " + thrown.getClass().getName())
                        .cause(thrown)
                        .build();
    }

    // Users' code hangs on a future and runs where it is completed, so it is inside a callback there.

    @Override
    public boolean complete(T value) {
        Object before = Callbacks.enter();
        try {
            return super.complete(value);
        } finally {
            Callbacks.leave(before);
        }
    }

    @Override
    public boolean completeExceptionally(Throwable error) {
        Object before = Callbacks.enter();
        try {
            return super.completeExceptionally(error);
        } finally {
            Callbacks.leave(before);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        Object before = Callbacks.enter();
        try {
            return super.cancel(mayInterruptIfRunning);
        } finally {
            Callbacks.leave(before);
        }
    }

    /** Futures derived from this one are ordinary: cancelling them stops nothing. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
