package io.foretell.scorecard;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.RetryPolicy;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that fails a share of the requests. */
@Tag("scorecard")
@Timeout(600)
class FailureShareRowsTest {
    private static final int PER_SECOND = Scorecard.quick(250, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(6), Duration.ofSeconds(20));
    private static final Duration SERVICE = Duration.ofMillis(10);
    private static final double FAILING = 0.3;
    private static final double MAX_REQUESTS_PER_CALL = 1.23;

    /** Of so few requests that no hundred in a row fail by half: what opens the breaker is not this row's subject. */
    private static final long SEED = 17_000_068;

    /** In the full tier what the promise says; a short load scatters more. */
    private static final double TOLERANCE_PERCENT = Scorecard.quick(5.0, 2.0);

    @ParameterizedTest
    @EnumSource
    void threeTenthsOfAllRequestsFail_retriesStayWithinTheBudget(Target.Protocol protocol) throws Exception {
        Scorecard.row("A3", "p = 30 % per request, " + protocol, row -> {
            row.inject("sandbox").seed(SEED);
            try (Target target = protocol.start()) {
                FaultPlan plan = FaultPlan.random(FAILING, target.unavailable().after(SERVICE), SEED)
                        .orElse(Fault.delay(SERVICE));
                target.play(plan);
                ours(row, target);
                Alternatives.compare(row, target, plan, PER_SECOND);
            }
        });
    }

    private static void ours(Row row, Target target) {
        try (Trial trial = new Trial(target, OpenLoad.of(PER_SECOND, LOAD)).run()) {
            OpenLoad load = trial.load();
            double least = CeilingLaw.of(load, LOAD, FAILING).successPercent();
            double most = CeilingLaw.of(load, trial.took(), FAILING).successPercent();
            row.atLeast("success %", least - TOLERANCE_PERCENT, trial.successPercent());
            row.atMost("success %", most + TOLERANCE_PERCENT, trial.successPercent());
            double within = CeilingLaw.maxRequestsPerCall(
                    load, trial.took(), trial.ledger().count(Outcome.SUCCESS));
            row.atMost("requests a call", Scorecard.quick(within, MAX_REQUESTS_PER_CALL), trial.requestsPerCall());
            row.exactly("refused by the breaker", 0, trial.ledger().count(Outcome.REJECTED));
            row.exactly("failed otherwise than in the end or for want of budget", 0, unexplained(trial.ledger()));
            row.measured("budget refusals", trial.seen().budgetRefusals());
            row.measured("failure p50", trial.load().latency(Outcome.FAILURE, 50));
            trial.balance(row);
        }
    }

    private static long unexplained(Ledger ledger) {
        return IntStream.range(0, ledger.calls())
                .filter(call -> ledger.outcome(call) == Outcome.FAILURE)
                .filter(call -> !(ledger.error(call) instanceof InferenceException error && isExplained(error)))
                .count();
    }

    private static boolean isExplained(InferenceException error) {
        boolean lastAttempt = error.attempts() == RetryPolicy.defaults().maxAttempts();
        return error.category() == ErrorCategory.OVERLOADED && error.budgetRefused() != lastAttempt;
    }
}
