package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Callbacks;
import io.foretell.internal.engine.WaitingExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
        return startForeign(predictor, inputs, options);
    }

    private static <I, O> CompletableFuture<List<ItemResult<Prediction<O>>>> startForeign(
            Predictor<I, O> predictor, List<I> inputs, CallOptions options) {
        CallFuture<List<ItemResult<Prediction<O>>>> future = new CallFuture<>();
        try {
            CompletableFuture<List<ItemResult<Prediction<O>>>> call = predictor.callAllAsync(inputs, options);
            if (call == null) {
                throw wrong(predictor, "no future");
            }
            future.stops(call);
            future.follows(call, results -> {
                checkEach(predictor, inputs, results);
                future.complete(results);
            });
        } catch (Throwable fault) {
            future.completeExceptionally(fault);
        }
        return future;
    }

    private static void checkEach(Predictor<?, ?> predictor, List<?> inputs, @Nullable List<?> results) {
        if (results == null || results.size() != inputs.size()) {
            String given = results == null ? "null" : results.size() + " results";
            throw wrong(predictor, given + " for " + inputs.size() + " inputs");
        }
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) == null) {
                throw wrong(predictor, "null for input " + i);
            }
        }
    }

    private static InferenceException wrong(Predictor<?, ?> predictor, String given) {
        return InferenceException.of(ErrorCategory.INTERNAL)
                .message("callAllAsync of " + predictor.getClass().getName() + " gave " + given)
                .build();
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
        future.follows(source, results -> {
            InferenceException error = results.get(0).error();
            if (error == null) {
                future.complete(view.apply(results.get(0).value()));
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
    public CompletableFuture<Void> flush() {
        return inner.flush();
    }

    @Override
    public BatchSnapshot batches() {
        return inner.batches();
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
