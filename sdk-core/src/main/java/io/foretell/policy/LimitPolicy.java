package io.foretell.policy;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.internal.SemaphoreBasedRateLimiter;
import java.time.Duration;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * How much may be under way to an endpoint at once, and how fast attempts may start. Immutable. Each endpoint of each
 * predictor has limits of its own, except for a rate limiter of the caller's own.
 *
 * <p>What the limits do not let pass waits, in order, in a queue of bounded length that holds no thread, and no more
 * bytes than may be in flight. Where the queue is full, or the wait for the rate limit cannot end before the deadline,
 * the call fails at once with {@link io.foretell.error.RejectedException}.
 */
public final class LimitPolicy {
    private static final int AS_IN_FLIGHT = -1;
    private static final LimitPolicy DEFAULTS = builder().build();
    private static final LimitPolicy NONE = builder()
            .maxInFlight(Integer.MAX_VALUE)
            .maxInFlightBytes(Long.MAX_VALUE)
            .build();

    private final int maxInFlight;
    private final long maxInFlightBytes;
    private final int maxQueued;
    private final int adaptiveMin;
    private final Duration slowAfter;
    private final double ratePerSecond;
    private final @Nullable RateLimiter rateLimiter;

    private LimitPolicy(Builder builder) {
        this.maxInFlight = builder.maxInFlight;
        this.maxInFlightBytes = builder.maxInFlightBytes;
        this.maxQueued = builder.maxQueued;
        this.adaptiveMin = builder.adaptiveMin;
        this.slowAfter = builder.slowAfter;
        this.ratePerSecond = builder.ratePerSecond;
        this.rateLimiter = builder.rateLimiter;
    }

    /** 1,000 requests and a quarter of the heap in flight, as much again in the queue, and no limit of the rate. */
    public static LimitPolicy defaults() {
        return DEFAULTS;
    }

    /** No limits. */
    public static LimitPolicy none() {
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

    /** How many requests may be in flight, or the most of an adaptive limit. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /** How many bytes of requests may be in flight. */
    public long maxInFlightBytes() {
        return maxInFlightBytes;
    }

    /** How many requests may wait. */
    public int maxQueued() {
        return maxQueued == AS_IN_FLIGHT ? maxInFlight : maxQueued;
    }

    /** Whether the limit of requests in flight moves with what the endpoint bears. */
    public boolean adaptive() {
        return adaptiveMin > 0;
    }

    /** The least of an adaptive limit; where it is fixed, the same as {@link #maxInFlight()}. */
    public int minInFlight() {
        return adaptive() ? adaptiveMin : maxInFlight;
    }

    /** From which latency an adaptive limit shrinks. */
    public Duration slowAfter() {
        return slowAfter;
    }

    /** How many attempts may start in a second; positive infinity where there is no such limit of ours. */
    public double ratePerSecond() {
        return ratePerSecond;
    }

    /** The caller's own rate limiter; null where there is none. */
    public @Nullable RateLimiter rateLimiter() {
        return rateLimiter;
    }

    /** The settings in a few words. */
    @Override
    public String toString() {
        StringJoiner words = new StringJoiner(", ").setEmptyValue("no limits");
        if (maxInFlight < Integer.MAX_VALUE) {
            String most = (adaptive() ? adaptiveMin + " to " : "at most ") + maxInFlight;
            words.add(most + " in flight" + (adaptive() ? " (adaptive, slow after " + Words.of(slowAfter) + ")" : ""));
        }
        if (maxInFlightBytes < Long.MAX_VALUE) {
            words.add(Words.bytes(maxInFlightBytes) + " in flight");
        }
        if (maxQueued() < Integer.MAX_VALUE) {
            words.add(maxQueued() + " queued");
        }
        if (rateLimiter != null) {
            words.add("rate limiter of the caller's own: " + rateLimiter.getName());
        } else if (ratePerSecond < Double.POSITIVE_INFINITY) {
            words.add(Words.number(ratePerSecond) + "/s");
        }
        return words.toString();
    }

    /** Builds a {@link LimitPolicy}. Not thread-safe. */
    public static final class Builder {
        private int maxInFlight = 1_000;
        private long maxInFlightBytes = Math.max(1, Runtime.getRuntime().maxMemory() / 4);
        private int maxQueued = AS_IN_FLIGHT;
        private int adaptiveMin;
        private Duration slowAfter = Duration.ofSeconds(5);
        private double ratePerSecond = Double.POSITIVE_INFINITY;
        private @Nullable RateLimiter rateLimiter;

        private Builder() {}

        private Builder(LimitPolicy origin) {
            this.maxInFlight = origin.maxInFlight;
            this.maxInFlightBytes = origin.maxInFlightBytes;
            this.maxQueued = origin.maxQueued;
            this.adaptiveMin = origin.adaptiveMin;
            this.slowAfter = origin.slowAfter;
            this.ratePerSecond = origin.ratePerSecond;
            this.rateLimiter = origin.rateLimiter;
        }

        /** The fixed limit of requests in flight; default 1,000. {@code Integer.MAX_VALUE} is none. */
        public Builder maxInFlight(int maxInFlight) {
            this.maxInFlight = maxInFlight;
            this.adaptiveMin = 0;
            return this;
        }

        /**
         * A limit of requests in flight that moves between two bounds, in place of a fixed one; default off. It starts
         * at 20 or the bound next to it. A limit's worth of successes raises it by one, as long as at least half of it
         * is used; each attempt that the endpoint drops or that is slow lowers it by a tenth.
         */
        public Builder adaptive(int min, int max) {
            this.adaptiveMin = Checks.atLeast(1, min, "min");
            this.maxInFlight = Checks.atLeast(min, max, "max");
            return this;
        }

        /** From which latency an adaptive limit shrinks; default 5 s. */
        public Builder slowAfter(Duration slowAfter) {
            this.slowAfter = slowAfter;
            return this;
        }

        /**
         * The limit of the bytes of requests in flight, and again of those in the queue; default a quarter of the
         * largest heap the JVM may use. {@code Long.MAX_VALUE} is none. A single request that is larger goes when no
         * other bytes are in flight, and waits when no others wait.
         */
        public Builder maxInFlightBytes(long maxInFlightBytes) {
            this.maxInFlightBytes = maxInFlightBytes;
            return this;
        }

        /**
         * The limit of requests that wait; default the same as in flight. With 0 none waits: where there is a rate
         * limit, two that start at the same moment may then not both pass, even if the rate would let them.
         */
        public Builder maxQueued(int maxQueued) {
            this.maxQueued = Checks.atLeast(0, maxQueued, "maxQueued");
            return this;
        }

        /**
         * The limit of attempts that start in a second, evenly spread; default none. It takes the place of a rate
         * limiter given before.
         */
        public Builder ratePerSecond(double ratePerSecond) {
            this.ratePerSecond = Checks.within(1e9, ratePerSecond, "ratePerSecond");
            this.rateLimiter = null;
            return this;
        }

        /**
         * A rate limiter of the caller's own, which other clients may share; default none. It takes the place of a rate
         * given before. Its time-out does not matter: an attempt waits as its deadline lets it, and holds no thread.
         */
        public Builder rateLimiter(RateLimiter rateLimiter) {
            this.rateLimiter = Objects.requireNonNull(rateLimiter, "rateLimiter");
            this.ratePerSecond = Double.POSITIVE_INFINITY;
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if a limit in flight is less than 1, the latency less than 1 ms, or the rate
         *     limiter is one that cannot reserve a permission
         */
        public LimitPolicy build() {
            Checks.atLeast(1, maxInFlight, "maxInFlight");
            Checks.atLeast(1, maxInFlightBytes, "maxInFlightBytes");
            Checks.millis(slowAfter, "slowAfter");
            if (rateLimiter instanceof SemaphoreBasedRateLimiter) {
                throw new IllegalArgumentException("rateLimiter cannot reserve a permission: " + rateLimiter.getName()
                        + " (SemaphoreBasedRateLimiter)");
            }
            return new LimitPolicy(this);
        }
    }
}
