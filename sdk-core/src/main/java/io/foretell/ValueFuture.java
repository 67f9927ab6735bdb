package io.foretell;

import io.foretell.internal.engine.Answer;
import io.foretell.internal.engine.Sink;
import java.util.function.Supplier;

/** The future of one call's value. */
final class ValueFuture<O> extends CallFuture<O> implements Sink<O> {
    @Override
    public void succeeded(int index, O value, Supplier<Answer<O>> answer) {
        complete(value);
    }

    @Override
    public void failed(int index, Throwable error) {
        completeExceptionally(error);
    }

    @Override
    public boolean asksForAnswers() {
        return false;
    }
}
