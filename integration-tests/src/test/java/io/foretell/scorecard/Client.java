package io.foretell.scorecard;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.LimitPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.time.Ticker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A client of ours with its books, whose timers and places can be counted when it is at rest. For rows that have a route,
 * limits or a deadline of their own, or hedge; where all is the default, see {@link Trial}.
 */
final class Client implements AutoCloseable {
    /** In flight and in the queue, by the default limits. */
    private static final int PLACES =
            LimitPolicy.defaults().maxInFlight() + LimitPolicy.defaults().maxQueued();

    private final Ledger ledger;
    private final List<Target> targets;
    private final GivenUp givenUp = new GivenUp();
    private final LatencyRecorder recorder = new LatencyRecorder();
    private final PendingTimers timers = new PendingTimers();
    private final Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor;

    /** Counts attempts that the client itself ended. */
    private static final class GivenUp extends CallListener {
        private final LongAdder count = new LongAdder();

        @Override
        public void attemptEnded(CallEvent event) {
            boolean late = event.error() instanceof InferenceException error
                    && (error.category() == ErrorCategory.TIMEOUT || error.category() == ErrorCategory.DEADLINE);
            if (late || event.error() instanceof CancellationException) {
                count.increment();
            }
        }
    }

    /**
     * A client of these targets.
     *
     * @param calls how many it will make; their numbers are below it
     * @param settings makes the builder; what the books are kept with is added to it
     */
    Client(
            int calls,
            Function<Ledger, PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>>> settings,
            Target... targets) {
        this.ledger = new Ledger(calls + PLACES + 1);
        this.targets = List.of(targets);
        this.predictor = settings.apply(ledger)
                .listener(recorder)
                .listener(givenUp)
                .time(Ticker.system(), timers)
                .build();
    }

    /** Makes a call that is entered nowhere yet. */
    CompletableFuture<Map<String, Tensor>> call() {
        return predictor.predictAsync(Target.INPUT);
    }

    Ledger ledger() {
        return ledger;
    }

    LatencySnapshot seen() {
        return recorder.snapshot();
    }

    /** Enters into the row whether the books balance and no timer is left. */
    void balance(Row row) {
        ledger.balance(row, this::arrived);
        long unseen = ledger.attempts() - requests();
        if (unseen > 0) {
            row.measured("given up before they arrived", unseen);
        }
        row.exactly("timers left", 0, Eventually.counts(0, timers::pending, Scorecard.GUARD));
    }

    /** A server may never see an attempt that was given up as soon as it was sent. */
    private long arrived() {
        long requests = requests();
        return Math.max(requests, Math.min(ledger.attempts(), requests + givenUp.count.sum()));
    }

    private long requests() {
        return targets.stream().mapToLong(Target::requests).sum();
    }

    /** The same, and whether all places of the default limits are free. Comes last: the servers are silent from then on. */
    void balanceWithPlaces(Row row) {
        balance(row);
        targets.forEach(target -> target.play(FaultPlan.always(Fault.silence())));
        CallOptions once = CallOptions.none().withIdempotent(false);
        List<? extends CompletableFuture<?>> calls = IntStream.rangeClosed(0, PLACES)
                .mapToObj(call -> predictor.predictAsync(Target.INPUT, once))
                .toList();
        Eventually.holds(calls.get(PLACES)::isDone, Scorecard.GUARD);
        calls.forEach(call -> call.cancel(true));
        long had = calls.stream().filter(CompletableFuture::isCancelled).count();
        row.exactly("places free", PLACES, had);
    }

    @Override
    public void close() {
        predictor.close();
        timers.close();
    }
}
