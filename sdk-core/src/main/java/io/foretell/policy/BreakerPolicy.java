package io.foretell.policy;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When an endpoint that fails is left alone for a while. Immutable. Each endpoint of each predictor has a breaker of
 * its own, except with {@link #of}.
 *
 * <p>A breaker starts closed and watches the attempts. When too many of the last fail, or are slow, it opens and
 * refuses attempts. After a while it is half open: it lets a few attempts pass as probes, and by their outcome closes
 * or opens again. What ended on this side, such as a cancelled call or one that a limit refused, counts as neither
 * success nor failure. Each change of its state is a line at INFO in the log.
 */
public final class BreakerPolicy {
    private static final BreakerPolicy DEFAULTS = builder().build();
    private static final BreakerPolicy NONE = builder().enabled(false).build();

    private final boolean enabled;
    private final @Nullable CircuitBreaker circuitBreaker;
    private final double failureRate;
    private final int window;
    private final int minSeen;
    private final Duration openFor;
    private final int probes;
    private final Duration halfOpenFor;
    private final @Nullable Duration slowAfter;
    private final double slowRate;

    private BreakerPolicy(Builder builder) {
        this.enabled = builder.enabled;
        this.circuitBreaker = builder.circuitBreaker;
        this.failureRate = builder.failureRate;
        this.window = builder.window;
        this.minSeen = builder.minSeen;
        this.openFor = builder.openFor;
        this.probes = builder.probes;
        this.halfOpenFor = builder.halfOpenFor;
        this.slowAfter = builder.slowAfter;
        this.slowRate = builder.slowRate;
    }

    /** Opens when 50 % of the last 100 attempts failed, and the other settings as {@link Builder} gives them. */
    public static BreakerPolicy defaults() {
        return DEFAULTS;
    }

    /** No breaker. */
    public static BreakerPolicy none() {
        return NONE;
    }

    /**
     * A breaker of the caller's own, which several endpoints, predictors and other clients may then share. Its settings
     * and its clock are its own; of this policy only {@link #halfOpenFor()} holds. What its event consumers throw is
     * logged and changes no call.
     */
    public static BreakerPolicy of(CircuitBreaker circuitBreaker) {
        Builder builder = builder();
        builder.circuitBreaker = Objects.requireNonNull(circuitBreaker, "circuitBreaker");
        return builder.build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from this policy; a breaker of the caller's own stays. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Whether there is a breaker. */
    public boolean enabled() {
        return enabled;
    }

    /** The caller's own breaker; null where each endpoint has one of ours. */
    public @Nullable CircuitBreaker circuitBreaker() {
        return circuitBreaker;
    }

    /** Which share of failures opens the breaker. */
    public double failureRate() {
        return failureRate;
    }

    /** How many of the last attempts are looked at. */
    public int window() {
        return window;
    }

    /** How many attempts must have been seen before the breaker can open. */
    public int minSeen() {
        return minSeen;
    }

    /** How long an open breaker refuses every attempt. */
    public Duration openFor() {
        return openFor;
    }

    /** How many attempts a half-open breaker lets pass. */
    public int probes() {
        return probes;
    }

    /** How long a breaker may be half open, and a probe may take. */
    public Duration halfOpenFor() {
        return halfOpenFor;
    }

    /** From which latency an attempt counts as slow; null where none does. */
    public @Nullable Duration slowAfter() {
        return slowAfter;
    }

    /** Which share of slow attempts opens the breaker, where slowness counts. */
    public double slowRate() {
        return slowRate;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        if (!enabled) {
            return "no breaker";
        }
        if (circuitBreaker != null) {
            return "breaker of the caller's own: " + circuitBreaker.getName();
        }
        return "breaker opens for " + Words.of(openFor) + " at " + Words.percent(failureRate) + " failures"
                + (slowAfter == null ? "" : " or " + Words.percent(slowRate) + " slower than " + Words.of(slowAfter))
                + " of the last " + window + " (at least " + minSeen + "), then " + probes + " probes within "
                + Words.of(halfOpenFor);
    }

    /** Builds a {@link BreakerPolicy}. Not thread-safe. */
    public static final class Builder {
        private boolean enabled = true;
        private @Nullable CircuitBreaker circuitBreaker;
        private double failureRate = 0.5;
        private int window = 100;
        private int minSeen = 50;
        private Duration openFor = Duration.ofSeconds(5);
        private int probes = 5;
        private Duration halfOpenFor = Duration.ofSeconds(10);
        private @Nullable Duration slowAfter;
        private double slowRate = 0.5;

        private Builder() {}

        private Builder(BreakerPolicy origin) {
            this.enabled = origin.enabled;
            this.circuitBreaker = origin.circuitBreaker;
            this.failureRate = origin.failureRate;
            this.window = origin.window;
            this.minSeen = origin.minSeen;
            this.openFor = origin.openFor;
            this.probes = origin.probes;
            this.halfOpenFor = origin.halfOpenFor;
            this.slowAfter = origin.slowAfter;
            this.slowRate = origin.slowRate;
        }

        /** Whether there is a breaker; default true. */
        public Builder enabled(boolean enabled) {
            this.enabled = enabled;
            return this;
        }

        /** The share of failures that opens the breaker; default 0.5. */
        public Builder failureRate(double failureRate) {
            this.failureRate = failureRate;
            return this;
        }

        /** How many of the last attempts are looked at; default 100. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** How many attempts must have been seen before the breaker can open; default 50. */
        public Builder minSeen(int minSeen) {
            this.minSeen = minSeen;
            return this;
        }

        /** How long an open breaker refuses every attempt; default 5 s. */
        public Builder openFor(Duration openFor) {
            this.openFor = openFor;
            return this;
        }

        /** How many attempts a half-open breaker lets pass; default 5. */
        public Builder probes(int probes) {
            this.probes = probes;
            return this;
        }

        /**
         * The limit of the time half open; default 10 s. When it is over, those probes decide that have an outcome: the
         * breaker opens again where there is none, or where too many failed, and else it closes.
         *
         * <p>It also limits how long each probe may take, as an attempt timeout does. So it must be longer than the
         * slowest answer that is still right: else no probe succeeds, and the breaker never closes again.
         */
        public Builder halfOpenFor(Duration halfOpenFor) {
            this.halfOpenFor = halfOpenFor;
            return this;
        }

        /** From which latency an attempt counts as slow; default null: none does. */
        public Builder slowAfter(@Nullable Duration slowAfter) {
            this.slowAfter = slowAfter;
            return this;
        }

        /** The share of slow attempts that opens the breaker, where slowness counts; default 0.5. */
        public Builder slowRate(double slowRate) {
            this.slowRate = slowRate;
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if a share is not in (0, 1], a number is less than 1, a duration is less
         *     than 1 ms, or more attempts must be seen than are looked at
         */
        public BreakerPolicy build() {
            Checks.within(1, failureRate, "failureRate");
            Checks.within(1, slowRate, "slowRate");
            Checks.atLeast(1, window, "window");
            Checks.atLeast(1, minSeen, "minSeen");
            Checks.atLeast(1, probes, "probes");
            Checks.millis(openFor, "openFor");
            Checks.millis(halfOpenFor, "halfOpenFor");
            if (slowAfter != null) {
                Checks.millis(slowAfter, "slowAfter");
            }
            if (minSeen > window) {
                throw new IllegalArgumentException("minSeen > window: " + minSeen + " > " + window);
            }
            return new BreakerPolicy(this);
        }
    }
}
