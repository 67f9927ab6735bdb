package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import io.foretell.time.Scheduler;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Calls at a fixed rate in a time of their own, all on one thread: what takes an hour here is over in seconds, and comes
 * out the same each time.
 */
final class VirtualLoad implements AutoCloseable {
    private static final long SEED = 1;
    private static final int MOST_CALLS = 100_000;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final FakeClock clock = new FakeClock();
    private final FakeTransport transport = new FakeTransport().script((request, context) -> answer(request));
    private final Ledger ledger = new Ledger(MOST_CALLS);
    private final Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor;
    private Duration latency = Duration.ZERO;
    private int calls;

    VirtualLoad(UnaryOperator<PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>>> settings) {
        this.predictor = settings.apply(Predictor.builder(TensorCodecs.tensors()))
                .transport(transport)
                .listener(ledger.listener())
                .time(clock, clock)
                .random(new SplittableRandom(SEED))
                .callbackExecutor(Runnable::run)
                .build();
    }

    /** How long the server takes from now on. */
    VirtualLoad answerAfter(Duration latency) {
        this.latency = latency;
        return this;
    }

    private CompletableFuture<InferenceResponse> answer(InferenceRequest request) {
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        Scheduler.Timer timer =
                clock.schedule(() -> answer.complete(InferenceResponse.of(request.payload())), latency.toNanos());
        answer.whenComplete((response, fault) -> timer.cancel());
        return answer;
    }

    /** Makes calls for so long. */
    VirtualLoad run(int perSecond, Duration duration) {
        Duration pause = Duration.ofSeconds(1).dividedBy(perSecond);
        for (long left = duration.dividedBy(pause); left > 0; left--) {
            ledger.enter(calls++, predictor.predictAsync(Target.INPUT));
            clock.advance(pause);
        }
        return this;
    }

    /** Lets all calls end. */
    VirtualLoad settle() {
        clock.advance(LONGEST);
        return this;
    }

    /** How many calls were made. */
    int calls() {
        return calls;
    }

    /** How many requests the server has seen. */
    long requests() {
        return transport.sends();
    }

    Ledger ledger() {
        return ledger;
    }

    /** Enters into the row whether the books balance and no timer is left. */
    void balance(Row row) {
        ledger.balance(row, transport::sends);
        row.exactly("timers left", 0, clock.pendingTimers());
    }

    /** How many calls are let out before one is refused, where none waits. Comes last: the server is slow from then on. */
    int placesFree() {
        latency = LONGEST;
        int free = 0;
        while (free < MOST_CALLS && !predictor.predictAsync(Target.INPUT).isDone()) {
            free++;
        }
        clock.advance(LONGEST);
        return free;
    }

    @Override
    public void close() {
        predictor.close();
    }
}
