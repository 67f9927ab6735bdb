package io.foretell.policy;

import java.time.Duration;

/**
 * When a failed attempt is followed by another. Immutable.
 *
 * <p>What may be retried follows from the failure itself, see
 * {@link io.foretell.error.InferenceException#maxRetries()}; the policy says how often and how soon. Retries and hedges
 * share one budget for each predictor, which successes fill: in an outage of the server the client adds only a small
 * share to the load. A budget that is used up ends a call with the failure at hand; nothing waits for it.
 *
 * <p>Outside the cap of attempts are the one repetition, free and at once, of a request that provably never reached the
 * server, and the attempts that met a model still loading ({@code NOT_READY}). The backoff after these begins with up
 * to 1 s and doubles up to 20 s, whatever the policy says; after {@code AUTH_EXPIRED} and {@code CLOCK_SKEW} there is
 * none. With a cap of 1 nothing at all is sent again.
 */
public final class RetryPolicy {
    private static final RetryPolicy DEFAULTS = builder().build();
    private static final RetryPolicy NONE = builder().maxAttempts(1).build();

    private final int maxAttempts;
    private final double budgetRatio;
    private final double budgetPerSecond;
    private final int budgetInitial;
    private final Duration baseBackoff;
    private final Duration throttledBackoff;
    private final Duration maxBackoff;
    private final int modelFaults;

    private RetryPolicy(Builder builder) {
        this.maxAttempts = builder.maxAttempts;
        this.budgetRatio = builder.budgetRatio;
        this.budgetPerSecond = builder.budgetPerSecond;
        this.budgetInitial = builder.budgetInitial;
        this.baseBackoff = builder.baseBackoff;
        this.throttledBackoff = builder.throttledBackoff;
        this.maxBackoff = builder.maxBackoff;
        this.modelFaults = builder.modelFaults;
    }

    /** Three attempts, and the other settings as {@link Builder} gives them. */
    public static RetryPolicy defaults() {
        return DEFAULTS;
    }

    /** One attempt. */
    public static RetryPolicy none() {
        return NONE;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from this policy. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** How many attempts a request may have, the first included; see above for those that do not count. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** How many retries and hedges each successful request pays for. */
    public double budgetRatio() {
        return budgetRatio;
    }

    /** How many retries and hedges each second pays for, successes or not. */
    public double budgetPerSecond() {
        return budgetPerSecond;
    }

    /** How many retries and hedges a new predictor may make before any success. */
    public int budgetInitial() {
        return budgetInitial;
    }

    /** The longest backoff before the first retry; it doubles with each further one. */
    public Duration baseBackoff() {
        return baseBackoff;
    }

    /** The same after the server has asked to slow down. */
    public Duration throttledBackoff() {
        return throttledBackoff;
    }

    /** What no backoff exceeds, unless the server asks for more or its model is still loading. */
    public Duration maxBackoff() {
        return maxBackoff;
    }

    /** How many retries may follow faults of the model itself. */
    public int modelFaults() {
        return modelFaults;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        return maxAttempts == 1
                ? "no retries"
                : maxAttempts + " attempts, backoff " + Words.of(baseBackoff) + " to " + Words.of(maxBackoff)
                        + " (throttled from " + Words.of(throttledBackoff) + "), budget " + Words.percent(budgetRatio)
                        + " + " + Words.number(budgetPerSecond) + "/s, model faults retried " + modelFaults + " times";
    }

    /** Builds a {@link RetryPolicy}. Not thread-safe. */
    public static final class Builder {
        private int maxAttempts = 3;
        private double budgetRatio = 0.2;
        private double budgetPerSecond = 10;
        private int budgetInitial = 100;
        private Duration baseBackoff = Duration.ofMillis(50);
        private Duration throttledBackoff = Duration.ofMillis(500);
        private Duration maxBackoff = Duration.ofSeconds(5);
        private int modelFaults;

        private Builder() {}

        private Builder(RetryPolicy origin) {
            this.maxAttempts = origin.maxAttempts;
            this.budgetRatio = origin.budgetRatio;
            this.budgetPerSecond = origin.budgetPerSecond;
            this.budgetInitial = origin.budgetInitial;
            this.baseBackoff = origin.baseBackoff;
            this.throttledBackoff = origin.throttledBackoff;
            this.maxBackoff = origin.maxBackoff;
            this.modelFaults = origin.modelFaults;
        }

        /** The limit of attempts for each request, the first and hedges included; default 3. */
        public Builder maxAttempts(int maxAttempts) {
            this.maxAttempts = maxAttempts;
            return this;
        }

        /** How many retries and hedges each successful request pays for; default 0.2. */
        public Builder budgetRatio(double budgetRatio) {
            this.budgetRatio = budgetRatio;
            return this;
        }

        /** How many retries and hedges each second pays for, successes or not; default 10. */
        public Builder budgetPerSecond(double budgetPerSecond) {
            this.budgetPerSecond = budgetPerSecond;
            return this;
        }

        /** How many retries and hedges a new predictor may make before any success; default 100. */
        public Builder budgetInitial(int budgetInitial) {
            this.budgetInitial = budgetInitial;
            return this;
        }

        /**
         * The longest backoff before the first retry; default 50 ms. It doubles with each further retry. The backoff
         * itself is drawn evenly between zero and this.
         */
        public Builder baseBackoff(Duration baseBackoff) {
            this.baseBackoff = baseBackoff;
            return this;
        }

        /** Takes the place of the base backoff after the server has asked to slow down; default 500 ms. */
        public Builder throttledBackoff(Duration throttledBackoff) {
            this.throttledBackoff = throttledBackoff;
            return this;
        }

        /** The limit of every backoff, unless the server asks for more or its model is still loading; default 5 s. */
        public Builder maxBackoff(Duration maxBackoff) {
            this.maxBackoff = maxBackoff;
            return this;
        }

        /**
         * How many retries may follow faults of the model itself, in one request; default 0: the model ran, and runs
         * again when asked again.
         */
        public Builder modelFaults(int modelFaults) {
            this.modelFaults = modelFaults;
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if attempts are fewer than 1, a number is negative or not finite, a duration
         *     is not positive, or a first backoff is longer than the longest
         */
        public RetryPolicy build() {
            Checks.atLeast(1, maxAttempts, "maxAttempts");
            Checks.notNegative(budgetRatio, "budgetRatio");
            Checks.notNegative(budgetPerSecond, "budgetPerSecond");
            Checks.atLeast(0, budgetInitial, "budgetInitial");
            Checks.atLeast(0, modelFaults, "modelFaults");
            notAboveMax(Checks.positive(baseBackoff, "baseBackoff"), "baseBackoff");
            notAboveMax(Checks.positive(throttledBackoff, "throttledBackoff"), "throttledBackoff");
            return new RetryPolicy(this);
        }

        private void notAboveMax(Duration first, String name) {
            if (first.compareTo(Checks.positive(maxBackoff, "maxBackoff")) > 0) {
                throw new IllegalArgumentException(name + " > maxBackoff: " + first + " > " + maxBackoff);
            }
        }
    }
}
