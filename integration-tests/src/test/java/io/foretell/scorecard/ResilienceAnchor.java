package io.foretell.scorecard;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * resilience4j's decorators of stages over another client, in the order of its Spring starter. All is its default but the
 * limit of time, which is the deadline.
 */
final class ResilienceAnchor implements Anchor {
    private final Anchor client;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Retry retry = Retry.ofDefaults("anchor");
    private final CircuitBreaker breaker = CircuitBreaker.ofDefaults("anchor");
    private final RateLimiter rate = RateLimiter.ofDefaults("anchor");
    private final Bulkhead bulkhead = Bulkhead.ofDefaults("anchor");
    private final TimeLimiter time;

    private ResilienceAnchor(Anchor client, Duration deadline) {
        this.client = client;
        this.time = TimeLimiter.of(deadline);
    }

    /** Owns the client. */
    static Anchor over(Anchor client, Duration deadline) {
        return new ResilienceAnchor(client, deadline);
    }

    @Override
    public String name() {
        return "resilience4j over " + client.name();
    }

    @Override
    public CompletableFuture<?> call() {
        Supplier<CompletionStage<Object>> call = () -> client.call().thenApply(answer -> answer);
        call = Bulkhead.decorateCompletionStage(bulkhead, call);
        call = TimeLimiter.decorateCompletionStage(time, scheduler, call);
        call = RateLimiter.decorateCompletionStage(rate, call);
        call = CircuitBreaker.decorateCompletionStage(breaker, call);
        call = Retry.decorateCompletionStage(retry, scheduler, call);
        return call.get().toCompletableFuture();
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
        client.close();
    }
}
