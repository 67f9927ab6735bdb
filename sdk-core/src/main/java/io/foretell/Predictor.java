package io.foretell;

import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A typed client for one model. Immutable and thread-safe: create one, share it, close it at the end.
 *
 * <pre>{@code
 * try (var predictor = Predictor.builder(codec).transport(transport).build()) {
 *     Species one = predictor.predict(iris);                            // blocks
 *     CompletableFuture<Species> later = predictor.predictAsync(iris);  // the same path
 *     List<Species> many = predictor.predictAll(irises);
 * }
 * }</pre>
 *
 * <p><b>Time.</b> Every call has a deadline, by default 70 s from its entry. It covers encoding, sending, the model and
 * decoding.
 *
 * <p><b>Results.</b> Every accepted call ends exactly once. Failures are an {@link io.foretell.error.InferenceException};
 * a future completes with it directly. Arrays within an input are not copied and must not change until the call has
 * ended.
 *
 * <p><b>Cancelling</b> a returned future, or completing it in any other way, stops the call on the wire; so does
 * interrupting a thread that waits in one of the blocking methods, which then throws a
 * {@link java.util.concurrent.CancellationException} and keeps its interrupt status.
 *
 * <p><b>Threads.</b> Encoding runs on the caller's thread; decoding, listeners and the completion of futures on the
 * callback executor, for the blocking methods on the thread that waits. What is known before anything is sent is told on
 * the caller's thread, a cancellation on the thread that cancels.
 *
 * <p>Arguments must not be null; a {@link NullPointerException} names the one that is.
 */
public interface Predictor<I, O> extends AutoCloseable {
    /** Starts a predictor. A codec and a transport are all it needs. */
    static <I, O> PredictorBuilder<I, O> builder(Codec<I, O> codec) {
        return new PredictorBuilder<>(codec);
    }

    /**
     * Predicts one input and waits for it.
     *
     * @throws io.foretell.error.InferenceException if the call fails
     */
    default O predict(I input) {
        return predict(input, CallOptions.none());
    }

    /**
     * Predicts one input and waits for it.
     *
     * @throws io.foretell.error.InferenceException if the call fails
     */
    default O predict(I input, CallOptions options) {
        return call(input, options).value();
    }

    /** Predicts one input. A failure comes with the future, never as an exception here. */
    default CompletableFuture<O> predictAsync(I input) {
        return predictAsync(input, CallOptions.none());
    }

    /** Predicts one input. A failure comes with the future, never as an exception here. */
    CompletableFuture<O> predictAsync(I input, CallOptions options);

    /**
     * Predicts several inputs and waits for all: in one request where the codec batches and it fits, else in several.
     *
     * @return the values in the order of the inputs
     * @throws io.foretell.error.InferenceException the error of the first input that failed
     */
    default List<O> predictAll(List<I> inputs) {
        return predictAll(inputs, CallOptions.none());
    }

    /**
     * Predicts several inputs and waits for all: in one request where the codec batches and it fits, else in several.
     *
     * @return the values in the order of the inputs
     * @throws io.foretell.error.InferenceException the error of the first input that failed
     */
    default List<O> predictAll(List<I> inputs, CallOptions options) {
        return callAll(inputs, options).stream()
                .map(result -> result.value().value())
                .toList();
    }

    /**
     * Like {@link #predict(Object, CallOptions)}, with what is known of the call.
     *
     * @throws io.foretell.error.InferenceException if the call fails
     */
    Prediction<O> call(I input, CallOptions options);

    /** Like {@link #predictAsync(Object, CallOptions)}, with what is known of the call. */
    CompletableFuture<Prediction<O>> callAsync(I input, CallOptions options);

    /** Like {@link #predictAll(List, CallOptions)}, with what is known of each call, and each with its own error. */
    List<ItemResult<Prediction<O>>> callAll(List<I> inputs, CallOptions options);

    /** Like {@link #callAll(List, CallOptions)}, without waiting. Completes normally unless cancelled. */
    CompletableFuture<List<ItemResult<Prediction<O>>>> callAllAsync(List<I> inputs, CallOptions options);

    /** A builder with this predictor's settings. What it builds shares the transport, which the last to close closes. */
    PredictorBuilder<I, O> toBuilder();

    /**
     * Accepts no more calls, waits for those in flight, which their deadlines bound, and frees what the predictor holds.
     * When it returns, all futures are completed. Called from a callback, such as a listener or what hangs on a future,
     * it does not wait: the rest then happens on a thread of its own. Closing twice does nothing.
     */
    @Override
    void close();
}
