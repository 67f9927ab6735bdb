package io.foretell.scorecard;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What resilience4j's decorators of stages do where this library promises better: one method for each trap, each against
 * the decorator itself and over within seconds. They are the anchors of the rows that concern the engine alone.
 */
final class ResilienceDecoratorTraps {
    private static final Duration GUARD = Duration.ofSeconds(5);

    private ResilienceDecoratorTraps() {}

    /** A10: whether a call ever ends whose supplier throws, where its first attempt failed in the regular way. */
    static boolean endsAfterThrowingInARetry() throws InterruptedException {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        AtomicInteger attempts = new AtomicInteger();
        CompletableFuture<Object> call = retried(scheduler, 3, () -> {
            if (attempts.incrementAndGet() > 1) {
                throw new IllegalStateException("thrown, not handed back");
            }
            return CompletableFuture.failedFuture(new IllegalStateException("refused"));
        });
        Eventually.holds(() -> scheduler.getCompletedTaskCount() == 1, GUARD);
        scheduler.shutdown();
        scheduler.awaitTermination(GUARD.toSeconds(), TimeUnit.SECONDS);
        return call.isDone(); // No thread is left that could end it.
    }

    /** A11: whether a call ever ends that waits for its next attempt when its scheduler is shut down. */
    static boolean endsWhenTheSchedulerCloses() throws InterruptedException {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        Retry retry = Retry.of(
                "closing",
                RetryConfig.custom().waitDuration(Duration.ofMinutes(1)).build());
        CompletableFuture<Object> call = Retry.decorateCompletionStage(
                        retry, scheduler, () -> CompletableFuture.failedFuture(new IllegalStateException("refused")))
                .get()
                .toCompletableFuture();
        scheduler.shutdownNow();
        scheduler.awaitTermination(GUARD.toSeconds(), TimeUnit.SECONDS);
        return call.isDone();
    }

    /** A8: how many attempts follow after the call was cancelled at its third, of 20 that it may make. */
    static int attemptsAfterCancel() {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        AtomicInteger attempts = new AtomicInteger();
        CompletableFuture<CompletableFuture<Object>> cancelled = new CompletableFuture<>();
        CompletableFuture<Object> call = retried(scheduler, 20, () -> {
            if (attempts.incrementAndGet() == 3) {
                cancelled.join().cancel(true);
            }
            return CompletableFuture.failedFuture(new IllegalStateException("refused"));
        });
        cancelled.complete(call);
        long made = Eventually.counts(20, attempts::get, GUARD);
        scheduler.shutdownNow();
        return (int) made - 3;
    }

    private static CompletableFuture<Object> retried(
            ScheduledThreadPoolExecutor scheduler, int attempts, Supplier<CompletionStage<Object>> attempt) {
        Retry retry = Retry.of(
                "retried",
                RetryConfig.custom()
                        .maxAttempts(attempts)
                        .waitDuration(Duration.ofMillis(1))
                        .build());
        return Retry.decorateCompletionStage(retry, scheduler, attempt).get().toCompletableFuture();
    }

    /** A9: whether cancelling the future that was handed back cancels the one inside. */
    static boolean cancelReachesInside() {
        CompletableFuture<Object> inside = new CompletableFuture<>();
        Bulkhead.ofDefaults("inside")
                .executeCompletionStage(() -> inside)
                .toCompletableFuture()
                .cancel(true);
        return inside.isCancelled();
    }

    /** C8: how many of the permits of a bulkhead are still taken after all calls were cancelled. */
    static int permitsLeakedByCancel() {
        Bulkhead bulkhead = Bulkhead.ofDefaults("leaky");
        int all = bulkhead.getMetrics().getMaxAllowedConcurrentCalls();
        for (int i = 0; i < all; i++) {
            bulkhead.executeCompletionStage(CompletableFuture::new)
                    .toCompletableFuture()
                    .cancel(true);
        }
        return all - bulkhead.getMetrics().getAvailableConcurrentCalls();
    }

    /** C1: how many of 100 calls are refused after the one probe of a half-open breaker was cancelled. */
    static int refusedAfterACancelledProbe() {
        CircuitBreaker breaker = halfOpen();
        breaker.executeCompletionStage(CompletableFuture::new)
                .toCompletableFuture()
                .cancel(true);
        return refused(breaker);
    }

    /** C2: how many of 100 calls are refused after the one probe of a half-open breaker met an {@code Error}. */
    static int refusedAfterAnErrorInAProbe() {
        CircuitBreaker breaker = halfOpen();
        try {
            breaker.executeCompletionStage(() -> {
                throw new StackOverflowError("while the answer is read");
            });
        } catch (StackOverflowError expected) {
            // The caller has it; whether the breaker has its permission back is what is asked.
        }
        return refused(breaker);
    }

    private static CircuitBreaker halfOpen() {
        CircuitBreaker breaker = CircuitBreaker.of(
                "half open",
                CircuitBreakerConfig.custom()
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .build());
        breaker.transitionToOpenState();
        breaker.transitionToHalfOpenState();
        return breaker;
    }

    private static int refused(CircuitBreaker breaker) {
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            CompletableFuture<String> call = breaker.executeCompletionStage(
                            () -> CompletableFuture.completedFuture("answer"))
                    .toCompletableFuture();
            refused += call.handle((value, error) -> Outcome.cause(error) instanceof CallNotPermittedException)
                            .join()
                    ? 1
                    : 0;
        }
        return refused;
    }

    /** C3: how many failures a breaker counts after 100 calls whose inner future was cancelled. */
    static int failuresCountedForCancels() {
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("counting");
        for (int i = 0; i < 100; i++) {
            breaker.executeCompletionStage(() -> CompletableFuture.failedFuture(new CancellationException()));
        }
        return breaker.getMetrics().getNumberOfFailedCalls();
    }

    /** A4: how often an open breaker is asked for one call when a retry stands before it. */
    static long refusalsOfOneCall() {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("open");
        breaker.transitionToOpenState();
        Supplier<CompletionStage<Object>> guarded =
                CircuitBreaker.decorateCompletionStage(breaker, () -> CompletableFuture.completedFuture("answer"));
        CompletableFuture<Object> call = retried(scheduler, 3, guarded);
        Eventually.holds(call::isDone, GUARD);
        scheduler.shutdownNow();
        return breaker.getMetrics().getNumberOfNotPermittedCalls();
    }

    /** C4: how long the calling thread is kept by the second call where one in two seconds is allowed. */
    static Duration callerKeptByTheRateLimit() {
        RateLimiter limiter = RateLimiter.of(
                "slow",
                RateLimiterConfig.custom()
                        .limitForPeriod(1)
                        .limitRefreshPeriod(Duration.ofSeconds(2))
                        .build());
        limiter.executeCompletionStage(() -> CompletableFuture.completedFuture("first"));
        long start = System.nanoTime();
        limiter.executeCompletionStage(() -> CompletableFuture.completedFuture("second"));
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** C7: how many timers are left after this many calls that failed at once. */
    static int timersLeftByFailures(int calls) {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        scheduler.setRemoveOnCancelPolicy(true);
        TimeLimiter limiter = TimeLimiter.of(Duration.ofSeconds(30));
        for (int i = 0; i < calls; i++) {
            limiter.executeCompletionStage(
                    scheduler, () -> CompletableFuture.failedFuture(new IllegalStateException("refused")));
        }
        int left = scheduler.getQueue().size();
        scheduler.shutdownNow();
        return left;
    }
}
