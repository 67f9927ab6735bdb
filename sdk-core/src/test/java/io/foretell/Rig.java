package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.foretell.codec.Codec;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.policy.RetryPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/** A predictor's surroundings, all on the thread of the test: its time, its network, its events. */
final class Rig {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    final FakeClock clock = new FakeClock();
    final FakeTransport transport = new FakeTransport();
    private final List<RecordingListener> listeners = new ArrayList<>();

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

    /** From now on the transport answers every request with what it was sent. */
    Rig echo() {
        transport.answer(request -> response(TextCodec.lines(request.payload()).toArray(String[]::new)));
        return this;
    }

    /** Nothing is left: no timer, no open event. */
    void assertAtRest() {
        assertThat(clock.pendingTimers()).as("timers").isZero();
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
