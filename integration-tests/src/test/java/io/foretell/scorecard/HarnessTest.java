package io.foretell.scorecard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Timings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The scorecard finds what it is there to find. */
class HarnessTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Row row = new Row("A10", "a fault", true);
    private final Ledger ledger = new Ledger(3, SHORT, SHORT);

    @Test
    void row_ofMissedCounts_isNoAndThrows() {
        row.exactly("right", 3, 3).atMost("requests", 3, 4).atLeast("success %", 99.5, 99.4);

        assertThat(row.pass()).isEqualTo("no");
        assertThatThrownBy(row::requireCounts)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected requests <= 3 but found requests 4")
                .hasMessageContaining("expected success % >= 99.5 but found success % 99.4")
                .hasMessageNotContaining("expected right");
    }

    @Test
    void row_ofAMissedTime_isLateAndNoFailure() {
        row.within("p99", Duration.ofMillis(50), Duration.ofMillis(51)).requireCounts();

        assertThat(row.pass()).isEqualTo("late");
    }

    @Test
    void row_ofAMissedTimeInTheQuickTier_passes() {
        Row quick = new Row("A10", "a fault", false).within("p99", Duration.ofMillis(50), Duration.ofMillis(51));

        assertThat(quick.pass()).isEqualTo("yes");
    }

    @Test
    void ledger_findsALostCall() {
        ledger.enter(0, CompletableFuture.completedFuture("answer"));
        ledger.enter(1, new CompletableFuture<>());
        ledger.balance(row, () -> 0);

        assertThatThrownBy(row::requireCounts).hasMessageContaining("2 calls, 1 lost");
    }

    @Test
    void ledger_findsADoubledEndAndAMissingOne() {
        CallListener listener = ledger.listener();
        CallEvent call = CallEvent.started(new CallEvent.Source("fake", "fake", null), 1, 0, 1);
        listener.callStarted(call);
        listener.callEnded(call.ended(Timings.none(), null));
        listener.callEnded(call.ended(Timings.none(), null));
        listener.callStarted(call);
        listener.attemptStarted(call);
        ledger.balance(row, () -> 1);

        assertThatThrownBy(row::requireCounts)
                .hasMessageContaining("1 doubled, 1 without end")
                .hasMessageNotContaining("expected attempts");
    }

    @Test
    void ledger_findsARequestThatNoAttemptMade() {
        ledger.listener();
        ledger.balance(row, () -> 1);

        assertThatThrownBy(row::requireCounts).hasMessageContaining("0 attempts, 1 requests");
    }

    @Test
    void ledger_findsWhatIsNotAtRest() {
        ledger.atRest("permits", () -> 2).balance(row, () -> 0);

        assertThatThrownBy(row::requireCounts).hasMessageContaining("expected permits = 0 but found permits 2");
    }

    @Test
    void ledger_tellsEndsApart() {
        CompletableFuture<String> cancelled = new CompletableFuture<>();
        cancelled.cancel(true);
        ledger.enter(0, cancelled);
        ledger.enter(1, failed(ErrorCategory.LOCAL_REJECTED).thenApply(answer -> answer));
        ledger.enter(2, failed(ErrorCategory.OVERLOADED));

        assertThat(List.of(ledger.outcome(0), ledger.outcome(1), ledger.outcome(2)))
                .containsExactly(Outcome.CANCELLED, Outcome.REJECTED, Outcome.FAILURE);
        assertThat(ledger.count(ErrorCategory.OVERLOADED)).isEqualTo(1);
    }

    private static CompletableFuture<String> failed(ErrorCategory category) {
        return CompletableFuture.failedFuture(InferenceException.of(category).build());
    }

    @Test
    void load_thatIsHeldUp_countsFromTheIntendedStart() {
        OpenLoad load = OpenLoad.of(100, Duration.ofMillis(30));
        load.run(ledger, call -> {
            if (call == 0) {
                long end = System.nanoTime() + Duration.ofMillis(60).toNanos();
                while (System.nanoTime() - end < 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            return CompletableFuture.completedFuture("answer");
        });

        assertThat(load.calls()).isEqualTo(3);
        assertThat(load.latency(Outcome.SUCCESS, 50)).isGreaterThanOrEqualTo(Duration.ofMillis(49));
    }

    @Test
    void csv_quotesAndSorts() {
        Row earlier = new Row("A9", "say \"no\", twice", true).exactly("requests", 2, 2);

        assertThat(earlier.order()).isLessThan(row.order());
        assertThat(ScorecardFormat.csv(List.of(earlier.seed(7).inject("proxy").anchor("AWS SDK", 4))))
                .isEqualTo("""
                        id,what,expected,measured,anchor,pass,seed,inject
                        A9,"say ""no"", twice",requests = 2,requests 2,4 (AWS SDK),yes,7,proxy
                        """);
    }
}
