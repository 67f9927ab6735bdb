package io.foretell.policy;

import java.time.Duration;

/**
 * When a second attempt is made before the first has answered. Immutable.
 *
 * <p>Hedging is off unless a predictor is given such a policy, and only for calls that are declared idempotent: both
 * attempts may run. The delay before a hedge is a percentile of the latencies seen in the last 60 s; until 100 are seen
 * nothing is hedged. Hedges also need the budget of the {@link RetryPolicy} and count as attempts there.
 *
 * <p>What successes pay for hedges lapses after 10 s. So nothing is hedged with fewer than {@code 1 / maxExtra}
 * successes in 10 s; by default, that is below 2 a second.
 */
public final class HedgingPolicy {
    private static final HedgingPolicy DEFAULTS = builder().build();
    private static final HedgingPolicy NONE = builder().enabled(false).build();

    private final boolean enabled;
    private final double percentile;
    private final double maxExtra;
    private final Duration minDelay;

    private HedgingPolicy(Builder builder) {
        this.enabled = builder.enabled;
        this.percentile = builder.percentile;
        this.maxExtra = builder.maxExtra;
        this.minDelay = builder.minDelay;
    }

    /** After the 95th percentile, for at most 5 % of the requests. */
    public static HedgingPolicy defaults() {
        return DEFAULTS;
    }

    /** No hedging. */
    public static HedgingPolicy none() {
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

    /** Whether there are hedges. */
    public boolean enabled() {
        return enabled;
    }

    /** Which percentile of the latencies is the delay, such as 95. */
    public double percentile() {
        return percentile;
    }

    /** How many hedges there may be for each request, on average. */
    public double maxExtra() {
        return maxExtra;
    }

    /** The shortest delay. */
    public Duration minDelay() {
        return minDelay;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        if (!enabled) {
            return "no hedging";
        }
        return "hedge after p" + Words.number(percentile) + " (at least " + Words.of(minDelay) + "), at most "
                + Words.percent(maxExtra) + " extra";
    }

    /** Builds a {@link HedgingPolicy}. Not thread-safe. */
    public static final class Builder {
        private boolean enabled = true;
        private double percentile = 95;
        private double maxExtra = 0.05;
        private Duration minDelay = Duration.ofMillis(1);

        private Builder() {}

        private Builder(HedgingPolicy origin) {
            this.enabled = origin.enabled;
            this.percentile = origin.percentile;
            this.maxExtra = origin.maxExtra;
            this.minDelay = origin.minDelay;
        }

        /** Whether there are hedges; default true. */
        public Builder enabled(boolean enabled) {
            this.enabled = enabled;
            return this;
        }

        /** Which percentile of the latencies is the delay before a hedge; default 95. */
        public Builder percentile(double percentile) {
            this.percentile = percentile;
            return this;
        }

        /** The limit of hedges as a share of the requests; default 0.05. */
        public Builder maxExtra(double maxExtra) {
            this.maxExtra = maxExtra;
            return this;
        }

        /** The shortest delay before a hedge; default 1 ms. */
        public Builder minDelay(Duration minDelay) {
            this.minDelay = minDelay;
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if the percentile is not in (0, 100], the share not in (0, 1], or the delay
         *     not positive
         */
        public HedgingPolicy build() {
            Checks.within(100, percentile, "percentile");
            Checks.within(1, maxExtra, "maxExtra");
            Checks.positive(minDelay, "minDelay");
            return new HedgingPolicy(this);
        }
    }
}
