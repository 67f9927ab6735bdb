package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.Timings;
import io.foretell.internal.engine.Answer;
import io.foretell.internal.engine.Callbacks;
import io.foretell.time.Deadline;
import io.foretell.transport.Attributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Puts something else in place of the answers that did not come. */
final class FallbackPredictor<I, O> extends DerivedPredictor<I, O> {
    /** Failures that the caller should see: the caller's own, and those that show a fault in its code. */
    private static final Set<ErrorCategory> SHOWN = EnumSet.of(
            ErrorCategory.INVALID_REQUEST,
            ErrorCategory.PAYLOAD_TOO_LARGE,
            ErrorCategory.CODEC,
            ErrorCategory.MODEL_CLIENT_ERROR,
            ErrorCategory.CLOSED,
            ErrorCategory.CANCELLED);

    private final Substitute<I, O> substitute;
    private final String name;

    private interface Substitute<I, O> {
        /** Starts what stands in for inputs that failed; null where the time is up. */
        @Nullable
        CompletableFuture<List<ItemResult<Prediction<O>>>> start(
                List<I> inputs, CallOptions options, Deadline deadline, Callbacks callbacks);
    }

    private FallbackPredictor(Predictor<I, O> inner, Substitute<I, O> substitute, String name) {
        super(inner);
        this.substitute = substitute;
        this.name = name;
    }

    static <I, O> FallbackPredictor<I, O> toValue(Predictor<I, O> inner, O value) {
        Objects.requireNonNull(value, "value");
        Prediction<O> constant =
                new Prediction<>(new Answer<>(value, null, null, Attributes.empty(), List.of(), 1, Timings.none()));
        Substitute<I, O> substitute = (inputs, options, deadline, callbacks) ->
                CompletableFuture.completedFuture(Collections.nCopies(inputs.size(), ItemResult.of(constant)));
        return new FallbackPredictor<>(inner, substitute, "a value");
    }

    static <I, O> FallbackPredictor<I, O> toPredictor(Predictor<I, O> inner, Predictor<I, O> other) {
        Objects.requireNonNull(other, "other");
        Substitute<I, O> substitute = (inputs, options, deadline, callbacks) -> {
            long left = deadline.remainingNanos();
            return left <= 0 ? null : start(other, inputs, options.withTimeout(Duration.ofNanos(left)), callbacks);
        };
        return new FallbackPredictor<>(inner, substitute, other.toString());
    }

    @Override
    CompletableFuture<List<ItemResult<Prediction<O>>>> start(List<I> inputs, CallOptions options, Callbacks callbacks) {
        Deadline deadline = Deadline.after(around.timeout(options), around.ticker());
        CallFuture<List<ItemResult<Prediction<O>>>> future = new CallFuture<>();
        CompletableFuture<List<ItemResult<Prediction<O>>>> first = start(inner, inputs, options, callbacks);
        future.stops(first);
        future.follows(first, results -> {
            List<Integer> failed = coverable(results);
            List<I> again = failed.stream().map(inputs::get).toList();
            CompletableFuture<List<ItemResult<Prediction<O>>>> second =
                    failed.isEmpty() || future.isDone() ? null : substitute.start(again, options, deadline, callbacks);
            if (second == null) {
                future.complete(results);
                return;
            }
            future.stops(second);
            future.follows(
                    second.handle((others, otherFault) -> covered(results, failed, others, otherFault)),
                    future::complete);
        });
        return future;
    }

    private static <T> List<Integer> coverable(List<ItemResult<T>> results) {
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            InferenceException error = results.get(i).error();
            if (error != null && !SHOWN.contains(error.category())) {
                failed.add(i);
            }
        }
        return failed;
    }

    private static <O> List<ItemResult<Prediction<O>>> covered(
            List<ItemResult<Prediction<O>>> results,
            List<Integer> failed,
            @Nullable List<ItemResult<Prediction<O>>> others,
            @Nullable Throwable otherFault) {
        List<ItemResult<Prediction<O>>> all = new ArrayList<>(results);
        for (int i = 0; i < failed.size(); i++) {
            int index = failed.get(i);
            InferenceException error = Objects.requireNonNull(results.get(index).error());
            Throwable otherError = others == null ? otherFault : others.get(i).error();
            all.set(
                    index,
                    otherError == null
                            ? ItemResult.of(Objects.requireNonNull(others)
                                    .get(i)
                                    .value()
                                    .inPlaceOf(error))
                            : ItemResult.failed(with(error, otherError)));
        }
        return Collections.unmodifiableList(all);
    }

    private static InferenceException with(InferenceException error, Throwable suppressed) {
        InferenceException both = error.toBuilder().build();
        both.addSuppressed(suppressed);
        return both;
    }

    /** The two. */
    @Override
    public String toString() {
        return inner + " with fallback to " + name;
    }
}
