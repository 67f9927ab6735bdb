package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Answer;
import io.foretell.internal.engine.Sink;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/** The future of several calls' results, in their order: done when the last has ended, or one is cancelled. */
final class PredictionsFuture<O> extends CallFuture<List<ItemResult<Prediction<O>>>> implements Sink<O> {
    private final AtomicReferenceArray<ItemResult<Prediction<O>>> results;
    private final AtomicInteger missing;

    PredictionsFuture(int calls) {
        this.results = new AtomicReferenceArray<>(calls);
        this.missing = new AtomicInteger(calls);
    }

    @Override
    public void succeeded(int index, O value, Supplier<Answer<O>> answer) {
        ended(index, ItemResult.of(new Prediction<>(answer.get())));
    }

    @Override
    public void failed(int index, Throwable error) {
        if (error instanceof CancellationException) {
            completeExceptionally(error);
        } else {
            ended(index, ItemResult.failed((InferenceException) error));
        }
    }

    private void ended(int index, ItemResult<Prediction<O>> result) {
        results.set(index, result);
        if (missing.decrementAndGet() == 0 && !isDone()) {
            List<ItemResult<Prediction<O>>> all = new ArrayList<>(results.length());
            for (int i = 0; i < results.length(); i++) {
                all.add(results.get(i));
            }
            complete(Collections.unmodifiableList(all));
        }
    }

    @Override
    public boolean asksForAnswers() {
        return true;
    }
}
