package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.reset;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the metrics say, against the callers' books and the server's. */
@Tag("scorecard")
@Timeout(300)
class MetricsRowsTest {
    private static final int PER_SECOND = Scorecard.quick(200, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(3), Duration.ofSeconds(20));
    private static final int CANCELLED = 15;
    private static final int REFUSED = 5;
    private static final Set<ErrorCategory> UNSENT = EnumSet.of(ErrorCategory.CONNECT, ErrorCategory.CONNECTION_LOST);

    /** Far more than an attempt takes to arrive. */
    private static final Duration ATTEMPT = Duration.ofSeconds(5);

    private static final RetryPolicy RETRIES = RetryPolicy.builder()
            .baseBackoff(Duration.ofMillis(5))
            .throttledBackoff(Duration.ofMillis(5))
            .build();

    private final LatencyRecorder recorder = new LatencyRecorder();
    private final LongAdder unsent = new LongAdder();

    /** Of every kind; and of each 500 requests, 70 in a row that meet an outage, so that breakers open. */
    private static FaultPlan mix(Target target, long seed) {
        return request -> {
            boolean outage = request % 500 >= 300 && request % 500 < 370;
            double chance = new SplittableRandom(seed + request).nextDouble();
            if (outage || chance < 0.06) {
                return target.unavailable();
            } else if (chance < 0.09) {
                return target.throttled().pushback(Duration.ofMillis(20));
            } else if (chance < 0.12) {
                return target.broken();
            } else if (chance < 0.123) {
                return Fault.silence();
            }
            return chance < 0.2 ? Fault.delay(Duration.ofMillis(50)) : null;
        };
    }

    @ParameterizedTest
    @EnumSource
    void counts_overAMixOfFaults_areTheLedgersAndTheServers(Target.Protocol protocol) throws Exception {
        Scorecard.row("G7", "metrics against the books, a mix of faults, " + protocol, row -> {
            long seed = new SplittableRandom().nextLong();
            row.inject("sandbox, proxy").seed(seed);
            OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
            Ledger ledger = new Ledger(load.calls() + CANCELLED + REFUSED);
            try (Target target = protocol.start();
                    FaultProxy proxy = target.proxy(seed);
                    Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                            predictor(target.transport(proxy.target()), ledger)) {
                cancelled(target, predictor, ledger, load.calls());
                refused(proxy, predictor, ledger, load.calls() + CANCELLED);
                target.play(mix(target, seed));
                load.run(ledger, call -> predictor.predictAsync(Target.INPUT));
                ledger.balance(row, () -> target.requests() + unsent.sum());
                reconcile(row, ledger, target.requests());
            }
        });
    }

    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor(Transport transport, Ledger ledger) {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .listener(recorder)
                .listener(countingUnsent())
                .listener(ledger.listener())
                .retry(RETRIES)
                .breaker(BreakerPolicy.builder().openFor(Duration.ofMillis(100)).build())
                .limits(LimitPolicy.builder().maxInFlight(50).build())
                .attemptTimeout(ATTEMPT)
                .build();
    }

    /** Nothing here ends a connection that has a request on it: what was lost with one never got there. */
    private CallListener countingUnsent() {
        return new CallListener() {
            @Override
            public void attemptEnded(CallEvent event) {
                if (event.error() instanceof InferenceException e && UNSENT.contains(e.category())) {
                    unsent.increment();
                }
            }
        };
    }

    /** All have arrived, so the server has counted them. */
    private static void cancelled(
            Target target, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, Ledger ledger, int from) {
        target.play(FaultPlan.always(Fault.silence()));
        List<CompletableFuture<?>> calls = calls(predictor, ledger, from, CANCELLED);
        Eventually.counts(CANCELLED, target::requests, Scorecard.GUARD);
        calls.forEach(each -> each.cancel(true));
    }

    /** Nothing is on the wire when the connections end. */
    private static void refused(
            FaultProxy proxy, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, Ledger ledger, int from) {
        proxy.refuse();
        proxy.onOpen(reset());
        calls(predictor, ledger, from, REFUSED);
        ledger.settle();
        proxy.heal();
    }

    private static List<CompletableFuture<?>> calls(
            Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, Ledger ledger, int from, int count) {
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int call = from; call < from + count; call++) {
            calls.add(ledger.enter(call, predictor.predictAsync(Target.INPUT)));
        }
        return calls;
    }

    private void reconcile(Row row, Ledger ledger, long requests) {
        Eventually.counts(ledger.calls(), () -> recorder.snapshot().calls(), Scorecard.GUARD);
        LatencySnapshot told = recorder.snapshot();
        row.exactly("calls", ledger.calls(), told.calls());
        same(row, "answered", ledger.count(Outcome.SUCCESS), told.successes());
        same(row, "failed", ledger.count(Outcome.FAILURE), told.failures());
        same(row, "cancelled", ledger.count(Outcome.CANCELLED), told.cancelled());
        same(row, "rejected", ledger.count(Outcome.REJECTED), told.rejected());
        same(row, "attempts", requests + unsent.sum(), told.attempts());
        row.measured("never sent", unsent.sum()).measured("retries", told.retries());
        row.measured("free", told.transparentAttempts()).measured("amplification", told.amplification());
    }

    /** Of each kind there has to be one, or the row would show nothing. */
    private static void same(Row row, String what, long counted, long told) {
        row.exactly(what, Math.max(1, counted), told);
    }
}
