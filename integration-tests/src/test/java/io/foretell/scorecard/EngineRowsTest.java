package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.error.ErrorCategory;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls in backoffs and of their timers, in virtual time. */
@Tag("scorecard")
@Timeout(300)
class EngineRowsTest {
    private static final RetryPolicy RICH =
            RetryPolicy.builder().budgetInitial(1_000_000).build();
    private static final LimitPolicy WIDE =
            LimitPolicy.builder().maxInFlight(10_000).build();

    @Test
    void cancel_inBackoff_leavesNoAttemptAndNoTimer() throws Exception {
        Scorecard.row("A8", "10,000 calls cancelled in their backoff", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            int calls = 10_000;
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(calls);
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                    .retry(RICH)
                    .breaker(BreakerPolicy.none())
                    .build()) {
                target.failAll(ErrorCategory.OVERLOADED);
                List<CompletableFuture<?>> started = new ArrayList<>();
                for (int call = 0; call < calls; call++) {
                    started.add(ledger.enter(call, predictor.predictAsync(Target.INPUT)));
                }
                long before = target.transport.sends();
                started.forEach(call -> call.cancel(true));
                row.exactly("timers at once", 0, target.clock.pendingTimers());
                target.clock.advance(Duration.ofMinutes(1));
                row.exactly("attempts afterwards", 0, target.transport.sends() - before);
                row.exactly("cancelled", calls, ledger.count(Outcome.CANCELLED));
                ledger.balance(row, target.transport::sends);
            }
            row.anchor("resilience4j's Retry, attempts afterwards", ResilienceDecoratorTraps.attemptsAfterCancel());
        });
    }

    @Test
    void fault_onThisSide_endsTheCallAtOnce() throws Exception {
        Scorecard.row("A10", "transport throws on attempt 1, 2 or 3; scheduler rejects; listener throws", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            for (int attempt = 1; attempt <= 3; attempt++) {
                row.holds("ends where attempt " + attempt + " throws", endsWhereAttemptThrows(attempt));
            }
            row.holds("ends where the scheduler rejects", endsWithoutAScheduler());
            row.holds("ends where a listener throws", endsBesideAListenerThatThrows());
            row.anchor("resilience4j's Retry ends", ResilienceDecoratorTraps.endsAfterThrowingInARetry());
        });
    }

    private static boolean endsWhereAttemptThrows(int attempt) {
        VirtualTarget target = new VirtualTarget();
        Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                target.predictor(new Ledger(1)).build();
        for (int before = 1; before < attempt; before++) {
            target.failAll(ErrorCategory.OVERLOADED);
        }
        target.transport.throwing(() -> new IllegalStateException("thrown, not handed back"));
        CompletableFuture<?> call = predictor.predictAsync(Target.INPUT);
        target.advanceMillis(50 + 100); // the longest two backoffs
        predictor.close();
        return call.isCompletedExceptionally() && target.clock.pendingTimers() == 0;
    }

    private static boolean endsWithoutAScheduler() {
        VirtualTarget target = new VirtualTarget();
        Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(new Ledger(1))
                .time(target.clock, (task, delay) -> {
                    throw new RejectedExecutionException("shut down");
                })
                .build();
        CompletableFuture<?> held = predictor.predictAsync(Target.INPUT);
        target.failAll(ErrorCategory.OVERLOADED);
        CompletableFuture<?> inBackoff = predictor.predictAsync(Target.INPUT);
        predictor.close();
        return held.isCompletedExceptionally() && inBackoff.isCompletedExceptionally();
    }

    private static boolean endsBesideAListenerThatThrows() {
        VirtualTarget target = new VirtualTarget();
        Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(new Ledger(1))
                .listener(new CallListener() {
                    @Override
                    public void attemptStarted(CallEvent event) {
                        throw new IllegalStateException("the user's");
                    }

                    @Override
                    public void callEnded(CallEvent event) {
                        throw new StackOverflowError("the user's");
                    }
                })
                .build();
        CompletableFuture<?> call = predictor.predictAsync(Target.INPUT);
        target.answer(0);
        predictor.close();
        return call.isDone() && !call.isCompletedExceptionally();
    }

    @Test
    void close_endsEverythingWithinTheGrace() throws Exception {
        Scorecard.row("A11", "close with 1,000 in flight and 1,000 in backoff, grace 2 s", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            int half = 1_000;
            Duration grace = Duration.ofSeconds(2);
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(2 * half);
            Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                    .retry(RICH)
                    .breaker(BreakerPolicy.none())
                    .limits(WIDE)
                    .closeGrace(grace)
                    .build();
            enter(ledger, predictor, 0, half);
            target.failAll(ErrorCategory.OVERLOADED);
            enter(ledger, predictor, half, 2 * half);
            Thread closer = new Thread(predictor::close);
            closer.start();
            Eventually.counts(half, () -> ledger.count(ErrorCategory.OVERLOADED), Scorecard.GUARD);
            row.exactly("in backoff: ended at once with their own error", half, ledger.count(ErrorCategory.OVERLOADED));
            Eventually.holds(() -> closer.getState() == Thread.State.WAITING, Scorecard.GUARD);
            target.clock.advance(grace.minusMillis(1));
            row.exactly("ended before the grace is over", half, ended(ledger));
            target.advanceMillis(1);
            row.exactly("ended with the grace", 2 * half, ended(ledger));
            row.exactly("cancelled on the wire", half, target.transport.cancels());
            closer.join(Scorecard.GUARD.toMillis());
            row.holds("close returned", !closer.isAlive());
            ledger.balance(row, target.transport::sends);
            row.anchor(
                    "resilience4j's Retry ends when its scheduler closes",
                    ResilienceDecoratorTraps.endsWhenTheSchedulerCloses());
        });
    }

    private static void enter(
            Ledger ledger, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, int from, int to) {
        for (int call = from; call < to; call++) {
            ledger.enter(call, predictor.predictAsync(Target.INPUT));
        }
    }

    private static long ended(Ledger ledger) {
        return ledger.count(Outcome.FAILURE) + ledger.count(Outcome.REJECTED);
    }

    @Test
    void retries_ofWhatFailedTogether_areSpread() throws Exception {
        Scorecard.row("A13", "1,000 calls fail in the same millisecond", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            int calls = 1_000;
            int binMillis = 10;
            int bins = 5; // the first backoff's 50 ms
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(calls);
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                    .retry(RICH)
                    .breaker(BreakerPolicy.none())
                    .limits(WIDE)
                    .build()) {
                enter(ledger, predictor, 0, calls);
                for (int call = 0; call < calls; call++) {
                    target.fail(call, ErrorCategory.OVERLOADED);
                }
                long fullest = 0;
                for (int bin = 0; bin < bins; bin++) {
                    long before = target.transport.sends();
                    target.advanceMillis(binMillis);
                    fullest = Math.max(fullest, target.transport.sends() - before);
                }
                row.exactly("retries", calls, target.transport.sends() - calls);
                row.atMost("fullest 10 ms over mean", 3, (double) fullest * bins / calls);
                for (int call = calls; call < 2 * calls; call++) {
                    target.answer(call);
                }
                row.exactly("success", calls, ledger.count(Outcome.SUCCESS));
                ledger.balance(row, target.transport::sends);
            }
        });
    }

    @Test
    void failures_leaveNoTimers() throws Exception {
        int calls = Scorecard.quick(100_000, 1_000_000);
        Scorecard.row("C7", calls + " failing calls, 500 a second, timeout 30 s", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            VirtualTarget target = new VirtualTarget();
            Ledger ledger = new Ledger(calls);
            AtomicInteger sends = new AtomicInteger();
            target.transport.throwing(
                    () -> { // which is not written down
                        sends.incrementAndGet();
                        return VirtualTarget.failure(ErrorCategory.OVERLOADED);
                    });
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                    target.predictor(ledger).breaker(BreakerPolicy.none()).build()) {
                row.atMost("timers beyond the calls in flight", 100, timersBeyondCalls(target, ledger, predictor));
                target.clock.advance(Duration.ofMinutes(1));
                ledger.balance(row, sends::get);
            }
            int theirs = 10_000;
            row.anchor(
                    "resilience4j's TimeLimiter, " + theirs + " failing calls",
                    ResilienceDecoratorTraps.timersLeftByFailures(theirs) + " timers left");
        });
    }

    private static int timersBeyondCalls(
            VirtualTarget target, Ledger ledger, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        AtomicInteger inFlight = new AtomicInteger();
        int most = 0;
        for (int call = 0; call < ledger.calls(); call++) {
            inFlight.incrementAndGet();
            CompletableFuture<?> ended = predictor
                    .predictAsync(Target.INPUT)
                    .handle((value, error) -> inFlight.decrementAndGet()); // a million errors need not be kept
            ledger.enter(call, ended);
            most = Math.max(most, target.clock.pendingTimers() - inFlight.get());
            target.clock.advance(Duration.ofMillis(2));
        }
        return most;
    }
}
