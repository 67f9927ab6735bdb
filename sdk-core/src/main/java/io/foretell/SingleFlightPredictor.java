package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Callbacks;
import io.foretell.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * Lets calls that ask the same at the same time share one. The shared call has the deadline of the caller who began it;
 * one whose own is later begins another when it has passed. Its callbacks never run on a thread that waits in a blocking
 * method, since who waits there may leave before the others.
 */
final class SingleFlightPredictor<I, O> extends DerivedPredictor<I, O> {
    private final Function<? super I, ?> key;
    private final ConcurrentMap<CallKey, Flight<Prediction<O>>> flights = new ConcurrentHashMap<>();

    SingleFlightPredictor(Predictor<I, O> inner, Function<? super I, ?> key) {
        super(inner);
        this.key = Objects.requireNonNull(key, "key");
    }

    /** Who waits, for what, until when, and where its own end is told. */
    private record Caller<I, O>(
            I input,
            CallKey key,
            CallOptions options,
            Deadline deadline,
            Callbacks callbacks,
            CallFuture<ItemResult<Prediction<O>>> future) {
        boolean isWaiting() {
            return !future.isDone() && !deadline.isExpired();
        }

        CallOptions left() {
            return options.withTimeout(Duration.ofNanos(Math.max(1, deadline.remainingNanos())));
        }
    }

    @Override
    CompletableFuture<List<ItemResult<Prediction<O>>>> start(List<I> inputs, CallOptions options, Callbacks callbacks) {
        if (!around.idempotent(options)) { // each of them counts
            return start(inner, inputs, options, callbacks);
        }
        if (callbacks != around.callbacks() && callbacks.nested()) {
            // A callback that waits for the callbacks of others' calls could hold up the thread that these need.
            return start(inner, inputs, options, callbacks);
        }
        List<CallFuture<ItemResult<Prediction<O>>>> each = new ArrayList<>(inputs.size());
        for (I input : inputs) {
            each.add(startOne(input, options, callbacks));
        }
        CallFuture<List<ItemResult<Prediction<O>>>> all = new CallFuture<>();
        all.whenComplete((results, fault) -> each.forEach(one -> one.cancel(true)));
        CompletableFuture.allOf(each.toArray(CompletableFuture<?>[]::new)).whenComplete((done, fault) -> {
            if (fault == null) {
                all.complete(each.stream().map(CompletableFuture::join).toList());
            } else {
                all.completeExceptionally(Objects.requireNonNullElse(fault.getCause(), fault));
            }
        });
        return all;
    }

    private CallFuture<ItemResult<Prediction<O>>> startOne(I input, CallOptions options, Callbacks callbacks) {
        CallFuture<ItemResult<Prediction<O>>> future = new CallFuture<>();
        Deadline deadline = Deadline.after(around.timeout(options), around.ticker());
        try {
            CallKey same = CallKey.of(key, input, options);
            share(new Caller<>(input, same, options, deadline, callbacks, future), false);
        } catch (RuntimeException noKey) {
            future.complete(ItemResult.failed(CallKey.failure(noKey)));
        }
        return future;
    }

    /** Joins the call in flight, or begins it. */
    private void share(Caller<I, O> caller, boolean again) {
        Flight<Prediction<O>> own = new Flight<>();
        Flight<Prediction<O>> flight = join(caller.key(), own);
        caller.future().whenComplete((result, fault) -> flight.leave());
        if (flight != own && !again) {
            limit(caller);
        }
        caller.future().follows(flight.result(), result -> {
            if (flight != own && isTimedOut(result) && caller.isWaiting()) {
                share(caller, true);
            } else {
                caller.future().complete(result);
            }
        });
        if (flight == own) {
            begin(own, caller, again ? caller.left() : caller.options());
        }
    }

    private Flight<Prediction<O>> join(CallKey same, Flight<Prediction<O>> own) {
        Flight<Prediction<O>> flight = flights.putIfAbsent(same, own);
        while (flight != null && !flight.join()) {
            flights.remove(same, flight);
            flight = flights.putIfAbsent(same, own);
        }
        return flight == null ? own : flight;
    }

    private void begin(Flight<Prediction<O>> flight, Caller<I, O> caller, CallOptions options) {
        CompletableFuture<List<ItemResult<Prediction<O>>>> call =
                start(inner, List.of(caller.input()), options, around.callbacks());
        flight.result().stops(call);
        // Removed first, so that nobody joins it again.
        flight.result()
                .follows(
                        call.whenComplete((results, fault) -> flights.remove(caller.key(), flight)),
                        results -> flight.result().complete(results.get(0)));
    }

    private static boolean isTimedOut(ItemResult<?> result) {
        InferenceException error = result.error();
        return error != null && error.category() == ErrorCategory.DEADLINE;
    }

    /** Holds a caller's own deadline, which the shared call does not know. */
    private void limit(Caller<I, O> caller) {
        try {
            Runnable expire = () -> caller.future().complete(failed(ErrorCategory.DEADLINE, "the deadline passed"));
            var timer = around.scheduler()
                    .schedule(
                            () -> caller.callbacks().execute(expire),
                            caller.deadline().remainingNanos());
            caller.future().whenComplete((result, fault) -> timer.cancel());
        } catch (RuntimeException refused) {
            caller.future().complete(failed(ErrorCategory.LOCAL_REJECTED, "the scheduler took no timer"));
        }
    }

    private static <T> ItemResult<T> failed(ErrorCategory category, String why) {
        return ItemResult.failed(InferenceException.of(category)
                .message(why + " while waiting for a call that is shared")
                .build());
    }

    /** What it wraps. */
    @Override
    public String toString() {
        return inner + " with single flight";
    }
}
