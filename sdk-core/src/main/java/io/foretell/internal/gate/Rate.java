package io.foretell.internal.gate;

import io.foretell.policy.LimitPolicy;
import io.foretell.time.Ticker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rate limit: a limiter of resilience4j's that is asked and never waited for. One thread at a time may {@link #take}
 * and {@link #keep}; {@link #waitBehind} is for all.
 *
 * <p>A limiter of ours gives nothing ahead of time. A limiter of the caller's may, and never takes back what it gave: it
 * is kept for who asks next.
 */
final class Rate {
    private static final Logger LOG = LoggerFactory.getLogger(Rate.class);
    private static final long SECOND = 1_000_000_000;
    private static final long SHORTEST_PAUSE = 1_000_000;

    /** Rates above this are given out several at a time: a timer is late by about a millisecond. */
    private static final double CYCLES_PER_SECOND = 50;

    private final RateLimiter limiter;
    private final Ticker ticker;
    private volatile boolean kept;
    private long keptUntil;

    private Rate(RateLimiter limiter, Ticker ticker) {
        this.limiter = limiter;
        this.ticker = ticker;
    }

    /** The rate limit of a policy; null where it has none. */
    static @Nullable Rate of(LimitPolicy policy, String endpoint, Ticker ticker) {
        RateLimiter own = policy.rateLimiter();
        if (own != null) {
            return new Rate(own, ticker);
        }
        double perSecond = policy.ratePerSecond();
        return perSecond == Double.POSITIVE_INFINITY
                ? null
                : new Rate(new AtomicRateLimiter(endpoint, config(perSecond), ticker::nanos), ticker);
    }

    private static RateLimiterConfig config(double perSecond) {
        int atOnce = (int) Math.max(1, Math.round(perSecond / CYCLES_PER_SECOND));
        return RateLimiterConfig.custom()
                .limitForPeriod(atOnce)
                .limitRefreshPeriod(Duration.ofNanos(Math.max(1, Math.round(atOnce * (SECOND / perSecond)))))
                .timeoutDuration(Duration.ZERO)
                .build();
    }

    /** Takes a permission. Zero if there was one, else after how many nanoseconds to ask again. */
    long take() {
        if (kept) {
            long left = keptUntil - ticker.nanos();
            if (left > 0) {
                return left;
            }
            kept = false;
            // One that is older has lapsed as those do that nobody asked for: else a freeze would make a burst larger.
            if (left > -period()) {
                return 0;
            }
        }
        return ask();
    }

    private long ask() {
        long wait = reserve();
        if (wait > 0) {
            keepUntil(ticker.nanos() + wait);
        }
        return wait < 0 ? pause() : wait;
    }

    private long reserve() {
        try {
            return limiter.reservePermission();
        } catch (RuntimeException consumerFailed) {
            LOG.warn("rate limiter {} failed and gives no permission", limiter.getName(), consumerFailed);
            return -1;
        }
    }

    /** A permission taken was not used: the next to ask gets it. */
    void keep() {
        keepUntil(ticker.nanos());
    }

    private void keepUntil(long nanos) {
        keptUntil = nanos;
        kept = true;
    }

    private long pause() {
        return limiter instanceof AtomicRateLimiter atomic
                ? Math.max(1, atomic.getDetailedMetrics().getNanosToWait())
                : Math.max(SHORTEST_PAUSE, Math.min(SECOND, period()));
    }

    /** After how many nanoseconds one may start that has so many before it; at the earliest, never an estimate too long. */
    long waitBehind(int ahead) {
        int available = limiter.getMetrics().getAvailablePermissions();
        int perCycle = limiter.getRateLimiterConfig().getLimitForPeriod();
        long wait = available > 0 || !(limiter instanceof AtomicRateLimiter) ? 0 : pause();
        long later = ahead + (kept ? 0L : 1L) - (available > 0 ? available : perCycle);
        return later <= 0 ? wait : wait + (later + perCycle - 1) / perCycle * period();
    }

    private long period() {
        return limiter.getRateLimiterConfig().getLimitRefreshPeriod().toNanos();
    }

    /** Such as {@code 1 per 20.0 ms}. */
    @Override
    public String toString() {
        RateLimiterConfig config = limiter.getRateLimiterConfig();
        return config.getLimitForPeriod() + " per "
                + config.getLimitRefreshPeriod().toNanos() / 1e6 + " ms";
    }
}
