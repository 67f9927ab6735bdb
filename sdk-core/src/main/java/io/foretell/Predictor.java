package io.foretell;

import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

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
 * <p><b>Failures</b> that another attempt may mend are retried, on a budget that keeps an outage from growing; each
 * endpoint has a breaker and limits. {@link #toString()} says the settings.
 *
 * <p><b>Results.</b> Every accepted call ends exactly once. Failures are an
 * {@link io.foretell.error.InferenceException}; a future completes with it directly. Arrays within an input are not
 * copied and must not change until the call has ended.
 *
 * <p><b>Cancelling</b> a returned future, or completing it in any other way, stops the call on the wire; so does
 * interrupting a thread that waits in one of the blocking methods, which then throws a
 * {@link java.util.concurrent.CancellationException} and keeps its interrupt status.
 *
 * <p><b>Threads.</b> Encoding runs on the caller's thread; decoding, listeners and the completion of futures on the
 * callback executor, for the blocking methods on the thread that waits. What is known before anything is sent is told
 * on the caller's thread, a cancellation on the thread that cancels.
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
     * Predicts several inputs and waits for all: in one request where the codec batches and it fits, else in several. A
     * request that the model refuses for its input is divided to find the one at fault, as far as the retry budget pays.
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

    /**
     * Like {@link #callAll(List, CallOptions)}, without waiting. Fails as a whole only where the predictor is closed or
     * the future cancelled.
     */
    CompletableFuture<List<ItemResult<Prediction<O>>>> callAllAsync(List<I> inputs, CallOptions options);

    /**
     * This predictor with a value for calls that fail for a reason that is not the caller's own. Shown all the same are
     * {@code INVALID_REQUEST}, {@code PAYLOAD_TOO_LARGE}, {@code MODEL_CLIENT_ERROR}, {@code CODEC}, {@code CLOSED} and
     * cancellations. {@link Prediction#fallbackFor()} tells the failure.
     *
     * <p>What is said here holds for all that {@code with...} derives: it is a predictor of its own over this one, and
     * closing it closes this one. {@link #toBuilder()} gives the settings of the innermost. Each may be derived from
     * again; the last is the outermost.
     */
    default Predictor<I, O> withFallback(O value) {
        return FallbackPredictor.toValue(this, value);
    }

    /**
     * This predictor with another that is asked where {@link #withFallback(Object)} would give its value, with the same
     * options and within what is left of the call's time. Where that fails, too, the call fails with its own error, and
     * the other's is suppressed in it. Closing what this returns does not close the other.
     */
    default Predictor<I, O> withFallback(Predictor<I, O> other) {
        return FallbackPredictor.toPredictor(this, other);
    }

    /**
     * This predictor, where calls of equal keys and equal options, but for the timeout, that are in flight at the same
     * time share one, and its outcome.
     *
     * <p>Each caller keeps its own deadline and may give up alone; the shared call stops when all have. It has the
     * deadline of the caller who began it; when that passes, those who have time left share another. Inputs of
     * {@link #predictAll} are sent in requests of their own. Not shared are calls that are not idempotent, and a
     * blocking call within a callback.
     *
     * <p>The result is one object for all: do not change it. A key function that throws or gives null fails the call as
     * {@code INVALID_REQUEST}.
     *
     * @param key what tells inputs apart. It needs {@code equals} and {@code hashCode} by content and must not change.
     *     Arrays, and records that hold arrays, lack them; {@code FloatBuffer.wrap(array.clone())} has them
     */
    default Predictor<I, O> withSingleFlight(Function<? super I, ?> key) {
        return new SingleFlightPredictor<>(this, key);
    }

    /**
     * This predictor with a memory of its answers by key and by options, but for the timeout. The least recently used
     * goes first. Failures and fallbacks are not kept, and calls that are not idempotent are always sent.
     *
     * <p>A hit is answered at once on the caller's thread, with the {@link Prediction} as it was; listeners do not see
     * it. The result is one object for all: do not change it. The same inputs asked at the same time are all sent;
     * {@code withSingleFlight(key).withCache(key, ...)} sends one.
     *
     * @param key what tells inputs apart, as of {@link #withSingleFlight}
     * @param maxEntries how many answers are kept
     * @param timeToLive how long an answer is used, from when it came
     * @throws IllegalArgumentException if one of the two is not positive
     */
    default Predictor<I, O> withCache(Function<? super I, ?> key, int maxEntries, Duration timeToLive) {
        return new CachingPredictor<>(this, key, maxEntries, timeToLive);
    }

    /**
     * Lets the calls that gather for a batch leave without further waiting. What it returns completes when all calls that
     * were accepted before have ended, however they did. May be called from a callback, which must not wait for it.
     */
    default CompletableFuture<Void> flush() {
        return CompletableFuture.completedFuture(null);
    }

    /** What the batching has done so far; all zero where it is off. */
    default BatchSnapshot batches() {
        return new BatchSnapshot(null);
    }

    /**
     * A builder with this predictor's settings. What it builds shares the transport, which the last to close closes.
     */
    PredictorBuilder<I, O> toBuilder();

    /**
     * Accepts no more calls, waits for those in flight, and frees what the predictor holds. A call that waits to be
     * retried ends at once with the error it has; one that is in flight after {@link PredictorBuilder#closeGrace} ends
     * with a {@link io.foretell.error.RejectedException}. When it returns, all futures are completed.
     *
     * <p>It does not wait where it is called from a callback, such as a listener or what hangs on a future, nor any
     * longer where its thread is interrupted, which stays so: the rest then happens on a thread of its own. Closing
     * twice does nothing.
     */
    @Override
    void close();
}
