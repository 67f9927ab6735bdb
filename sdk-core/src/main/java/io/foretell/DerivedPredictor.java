package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Callbacks;
import io.foretell.internal.engine.WaitingExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A predictor around another: all its ways to be called are {@link #start}. */
abstract class DerivedPredictor<I, O> implements Predictor<I, O> {
    final Predictor<I, O> inner;
    final Surroundings around;

    DerivedPredictor(Predictor<I, O> inner) {
        this.inner = inner;
        this.around = Surroundings.of(inner);
    }

    /**
     * Starts a call for each input.
     *
     * @param inputs at least one, none of them null
     * @param callbacks where users' code runs: of a blocking call, on the thread that waits
     */
    abstract CompletableFuture<List<ItemResult<Prediction<O>>>> start(
            List<I> inputs, CallOptions options, Callbacks callbacks);

    /** Starts calls of another predictor. One that is not this library's brings callbacks of its own. */
    static <I, O> CompletableFuture<List<ItemResult<Prediction<O>>>> start(
            Predictor<I, O> predictor, List<I> inputs, CallOptions options, Callbacks callbacks) {
        if (predictor instanceof DefaultPredictor<I, O> plain) {
            return plain.startAll(inputs, options, callbacks);
        }
        if (predictor instanceof DerivedPredictor<I, O> derived) {
            return derived.start(inputs, options, callbacks);
        }
        try {
            return predictor.callAllAsync(inputs, options);
        } catch (RuntimeException fault) {
            return CompletableFuture.failedFuture(fault);
        }
    }

    private CompletableFuture<List<ItemResult<Prediction<O>>>> startChecked(
            List<I> inputs, CallOptions options, Callbacks callbacks) {
        List<I> items = new ArrayList<>(Objects.requireNonNull(inputs, "inputs"));
        for (int i = 0; i < items.size(); i++) {
            Objects.requireNonNull(items.get(i), "input " + i);
        }
        Objects.requireNonNull(options, "options");
        return items.isEmpty() ? CompletableFuture.completedFuture(List.of()) : start(items, options, callbacks);
    }

    private <T> CompletableFuture<T> startOne(I input, CallOptions options, Function<Prediction<O>, T> view) {
        CompletableFuture<List<ItemResult<Prediction<O>>>> source =
                startChecked(List.of(Objects.requireNonNull(input, "input")), options, around.callbacks());
        CallFuture<T> future = new CallFuture<>();
        future.stops(source);
        source.whenComplete((results, fault) -> {
            Throwable error = results == null ? fault : results.get(0).error();
            if (error == null) {
                future.complete(
                        view.apply(Objects.requireNonNull(results).get(0).value()));
            } else {
                future.completeExceptionally(error);
            }
        });
        return future;
    }

    @Override
    public CompletableFuture<O> predictAsync(I input, CallOptions options) {
        return startOne(input, options, Prediction::value);
    }

    @Override
    public CompletableFuture<Prediction<O>> callAsync(I input, CallOptions options) {
        return startOne(input, options, Function.identity());
    }

    @Override
    public CompletableFuture<List<ItemResult<Prediction<O>>>> callAllAsync(List<I> inputs, CallOptions options) {
        return startChecked(inputs, options, around.callbacks());
    }

    @Override
    public Prediction<O> call(I input, CallOptions options) {
        return valueAtCaller(callAll(List.of(Objects.requireNonNull(input, "input")), options)
                .get(0));
    }

    @Override
    public List<ItemResult<Prediction<O>>> callAll(List<I> inputs, CallOptions options) {
        WaitingExecutor here = new WaitingExecutor(around.callbacks());
        return DefaultPredictor.await(startChecked(inputs, options, new Callbacks(here)), here);
    }

    @Override
    public List<O> predictAll(List<I> inputs, CallOptions options) {
        return callAll(inputs, options).stream()
                .map(result -> valueAtCaller(result).value())
                .toList();
    }

    private static <T> T valueAtCaller(ItemResult<T> result) {
        InferenceException error = result.error();
        if (error != null) {
            throw DefaultPredictor.atCaller(error);
        }
        return result.value();
    }

    @Override
    public PredictorBuilder<I, O> toBuilder() {
        return inner.toBuilder();
    }

    @Override
    public void close() {
        inner.close();
    }
}
