package io.foretell.internal.engine;

import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A predictor's rules for its attempts, with the time and the chance they go by. */
public record Policies(
        RetryPolicy retry,
        HedgingPolicy hedging,
        BreakerPolicy breaker,
        LimitPolicy limits,
        @Nullable Duration attemptTimeout,
        Ticker ticker,
        Scheduler scheduler,
        RandomGenerator random) {}
