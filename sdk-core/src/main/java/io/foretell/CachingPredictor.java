package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.internal.engine.Callbacks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers again what was answered a short while ago. */
final class CachingPredictor<I, O> extends DerivedPredictor<I, O> {
    private final Function<? super I, ?> key;
    private final ResultCache<Prediction<O>> cache;
    private volatile boolean closed;

    CachingPredictor(Predictor<I, O> inner, Function<? super I, ?> key, int maxEntries, Duration timeToLive) {
        super(inner);
        this.key = Objects.requireNonNull(key, "key");
        this.cache = new ResultCache<>(maxEntries, Objects.requireNonNull(timeToLive, "timeToLive"), around.ticker());
    }

    /** One input that is not known yet. */
    private record Miss<I>(int index, CallKey key, I input) {}

    @Override
    CompletableFuture<List<ItemResult<Prediction<O>>>> start(List<I> inputs, CallOptions options, Callbacks callbacks) {
        if (closed || !around.idempotent(options)) { // when closed, the inner one refuses them
            return start(inner, inputs, options, callbacks);
        }
        List<@Nullable ItemResult<Prediction<O>>> known = new ArrayList<>(inputs.size());
        List<Miss<I>> misses = new ArrayList<>();
        for (I input : inputs) {
            known.add(look(input, options, known.size(), misses));
        }
        if (misses.isEmpty()) {
            return CompletableFuture.completedFuture(merged(known, misses, List.of()));
        }
        List<I> unknown = misses.stream().map(Miss::input).toList();
        CallFuture<List<ItemResult<Prediction<O>>>> future = new CallFuture<>();
        CompletableFuture<List<ItemResult<Prediction<O>>>> call = start(inner, unknown, options, callbacks);
        future.stops(call);
        future.follows(call, results -> {
            try {
                keep(misses, results);
            } finally { // a key of the user's may throw
                future.complete(merged(known, misses, results));
            }
        });
        return future;
    }

    private @Nullable ItemResult<Prediction<O>> look(I input, CallOptions options, int index, List<Miss<I>> misses) {
        try {
            CallKey known = CallKey.of(key, input, options);
            Prediction<O> hit = cache.get(known);
            if (hit != null) {
                return ItemResult.of(hit);
            }
            misses.add(new Miss<>(index, known, input));
            return null;
        } catch (RuntimeException noKey) {
            return ItemResult.failed(CallKey.failure(noKey));
        }
    }

    private void keep(List<Miss<I>> misses, List<ItemResult<Prediction<O>>> results) {
        for (int i = 0; i < results.size(); i++) {
            ItemResult<Prediction<O>> result = results.get(i);
            if (result.error() == null && result.value().fallbackFor() == null) {
                cache.put(misses.get(i).key(), result.value());
            }
        }
    }

    private static <I, O> List<ItemResult<Prediction<O>>> merged(
            List<@Nullable ItemResult<Prediction<O>>> known,
            List<Miss<I>> misses,
            List<ItemResult<Prediction<O>>> results) {
        List<ItemResult<Prediction<O>>> all = new ArrayList<>(known);
        for (int i = 0; i < results.size(); i++) {
            all.set(misses.get(i).index(), results.get(i));
        }
        return Collections.unmodifiableList(all);
    }

    @Override
    public void close() {
        closed = true;
        cache.clear();
        super.close();
    }

    /** What it wraps, and how much it holds. */
    @Override
    public String toString() {
        return inner + " with a cache of " + cache.size();
    }
}
