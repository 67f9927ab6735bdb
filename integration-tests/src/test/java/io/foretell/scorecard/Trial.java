package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.event.Phase;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.LimitPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * One load on a target by a client of ours, and its books. Runs once.
 *
 * <p>The client is as it comes, unless a row says otherwise, but for two things. It has a deadline of 30 s and no attempt
 * time-out: with shorter ones a machine that stops for half a second would fail attempts, open the breaker and decide the
 * counts. And it has few permits, so that each of them can be looked for at the end.
 */
final class Trial implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int PERMITS = 100;

    /** Longer than it takes to issue a call for each permit. */
    private static final Duration HOLD = Duration.ofMillis(300);

    private final Target target;
    private final OpenLoad load;
    private final Ledger ledger;
    private final LatencyRecorder recorder = new LatencyRecorder();
    private final PendingTimers timers = new PendingTimers();
    private final Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor;
    private Duration took = Duration.ZERO;

    Trial(Target target, OpenLoad load) {
        this(target, load, UnaryOperator.identity());
    }

    Trial(
            Target target,
            OpenLoad load,
            UnaryOperator<PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>>> settings) {
        this.target = target;
        this.load = load;
        this.ledger = new Ledger(load.calls() + PERMITS);
        this.predictor = settings.apply(target.predictor(ledger)
                        .listener(recorder)
                        .time(Ticker.system(), timers)
                        .limits(LimitPolicy.builder()
                                .maxInFlight(PERMITS)
                                .maxQueued(load.calls())
                                .build())
                        .timeout(DEADLINE))
                .build();
    }

    /** Makes the calls and waits for their ends. */
    Trial run() {
        return run(call -> {});
    }

    /** The same, and runs something before each call. */
    Trial run(IntConsumer before) {
        long start = System.nanoTime();
        load.run(ledger, call -> {
            before.accept(call);
            return predictor.predictAsync(Target.INPUT);
        });
        ledger.settle();
        took = Duration.ofNanos(System.nanoTime() - start);
        return this;
    }

    Ledger ledger() {
        return ledger;
    }

    OpenLoad load() {
        return load;
    }

    /** From the first call's start to the last one's end. */
    Duration took() {
        return took;
    }

    LatencySnapshot seen() {
        return recorder.snapshot();
    }

    double successPercent() {
        return 100.0 * ledger.count(Outcome.SUCCESS) / load.calls();
    }

    double requestsPerCall() {
        return (double) target.requests() / load.calls();
    }

    /** Enters the books into the row, and whether all is at rest. Comes last: it needs the target for itself. */
    void balance(Row row) {
        ledger.balance(row, target::requests);
        LatencySnapshot seen = seen();
        row.judge(
                "recorder = ledger = server",
                "recorder: " + seen.calls() + " calls, " + seen.attempts() + " attempts",
                reconciles(seen));
        row.exactly("permits missing", 0, permitsMissing());
        row.exactly("timers left", 0, Eventually.counts(0, timers::pending, Scorecard.GUARD));
        load.report(row);
    }

    private boolean reconciles(LatencySnapshot seen) {
        return seen.calls() == load.calls()
                && seen.requests() == load.calls()
                && seen.successes() == ledger.count(Outcome.SUCCESS)
                && seen.failures() == ledger.count(Outcome.FAILURE)
                && seen.cancelled() == ledger.count(Outcome.CANCELLED)
                && seen.rejected() == ledger.count(Outcome.REJECTED)
                && seen.attempts() == target.requests();
    }

    /** As many calls at once as there are permits: each permit that was not given back makes one of them wait. */
    private long permitsMissing() {
        target.play(FaultPlan.always(Fault.delay(HOLD)));
        long before = seen().count(Phase.QUEUE);
        List<? extends CompletableFuture<?>> calls = IntStream.range(0, PERMITS)
                .mapToObj(call -> predictor.predictAsync(Target.INPUT))
                .toList();
        Eventually.holds(() -> calls.stream().allMatch(CompletableFuture::isDone), Scorecard.GUARD);
        return seen().count(Phase.QUEUE) - before;
    }

    @Override
    public void close() {
        predictor.close();
        timers.close();
    }
}
