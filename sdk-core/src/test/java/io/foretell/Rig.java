package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.foretell.codec.Codec;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.internal.engine.Gates;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A predictor's surroundings, all on the thread of the test: its time, its network, its events. */
final class Rig {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long SEED = 20_240_229;

    final FakeClock clock = new FakeClock();
    final FakeTransport transport = new FakeTransport();
    private final List<RecordingListener> listeners = new ArrayList<>();
    private final List<Gates> gates = new ArrayList<>();

    /** What happened in the predictor built last. */
    RecordingListener events = new RecordingListener();

    PredictorBuilder<String, String> builder() {
        return builder(new TextCodec());
    }

    PredictorBuilder<String, String> builder(Codec<String, String> codec) {
        events = new RecordingListener();
        listeners.add(events);
        return Predictor.builder(codec)
                .transport(transport)
                .time(clock, clock)
                .timeout(TIMEOUT)
                .retry(RetryPolicy.none())
                .listener(events)
                .callbackExecutor(Runnable::run);
    }

    Predictor<String, String> predictor() {
        return builder().build();
    }

    /** Like the others, with the retries that a user has by default, and chance that repeats. */
    PredictorBuilder<String, String> retrying() {
        return builder().retry(RetryPolicy.defaults()).random(new Random(SEED));
    }

    /** Builds, and looks after what the gates hold at the end. */
    Predictor<String, String> build(PredictorBuilder<String, String> builder) {
        Predictor<String, String> predictor = builder.build();
        gates.add(gates(predictor));
        return predictor;
    }

    static Gates gates(Predictor<String, String> predictor) {
        return new Gates(((DefaultPredictor<String, String>) predictor).engine);
    }

    /** Batches, without retries. */
    Predictor<String, String> batching(BatchPolicy policy) {
        return build(builder().batching(policy));
    }

    /** Batches, with the first call on its way, so that those after it gather. */
    Predictor<String, String> busy() {
        Predictor<String, String> predictor = batching(BatchPolicy.ofSize(64));
        predictor.predictAsync("busy");
        return predictor;
    }

    /** A call for each, by a caller of its own. */
    static List<CompletableFuture<String>> all(Predictor<String, String> predictor, String... inputs) {
        return Stream.of(inputs).map(predictor::predictAsync).toList();
    }

    /** What one of the requests that the transport holds carries. */
    List<String> inputs(int request) {
        return TextCodec.lines(transport.sent(request).request().payload());
    }

    /** From now on the transport answers every request with what it was sent. */
    Rig echo() {
        transport.answer(request -> response(TextCodec.lines(request.payload()).toArray(String[]::new)));
        return this;
    }

    /** Answers one of the requests that the transport holds. */
    void answer(int request) {
        transport.sent(request).answer().complete(response("answer " + request));
    }

    /** Fails one of the requests that the transport holds. */
    void fail(int request, InferenceException error) {
        transport.sent(request).answer().completeExceptionally(error);
    }

    void advanceMillis(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }

    /** Calls that take this long each, so that the predictor knows what is usual. */
    void know(Predictor<String, String> predictor, int calls, long millis) {
        for (int i = 0; i < calls; i++) {
            CompletableFuture<String> call = predictor.predictAsync("known");
            advanceMillis(millis);
            answer(transport.sends() - 1);
            assertThat(call).isCompleted();
        }
    }

    /** Nothing is left: no timer, no open event, no place in a limit. */
    void assertAtRest() {
        assertThat(clock.pendingTimers()).as("timers").isZero();
        for (Gates each : gates) {
            assertThat(each.taken()).as("places in the limits").isZero();
        }
        for (RecordingListener each : listeners) {
            assertThat(each.unpaired()).as("events without a pair").isEmpty();
        }
    }

    /** Waits for what another thread does; a test's time-out is the guard. */
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertThat(Thread.currentThread().isInterrupted()).as("timed out").isFalse();
            Thread.yield();
        }
    }

    static InferenceException failure(ErrorCategory category) {
        return InferenceException.of(category).build();
    }

    static InferenceException failure(ErrorCategory category, RetrySafety safety) {
        return InferenceException.of(category).retrySafety(safety).build();
    }

    /** The error of a future, which must be there already and not be wrapped in one of another kind. */
    static InferenceException errorOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        Throwable thrown = catchThrowable(future::get);
        assertThat(thrown).isInstanceOf(ExecutionException.class);
        assertThat(thrown.getCause()).isInstanceOf(InferenceException.class);
        return (InferenceException) thrown.getCause();
    }
}
