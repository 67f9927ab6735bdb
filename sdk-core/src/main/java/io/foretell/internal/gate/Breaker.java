package io.foretell.internal.gate;

import static io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy.LOCK_FREE;
import static io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy.SYNCHRONIZED;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.foretell.policy.BreakerPolicy;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An endpoint's breaker: resilience4j's state machine, driven so that no permission is lost or counted where it was not
 * given. Thread-safe and lock-free but for the machine's own change from open to half open.
 *
 * <p>Each permission is a ticket that names the <em>stage</em> it was given in: the machine's state and the number of
 * changes up to it. Exactly one of {@link #success}, {@link #failure} and {@link #release} must follow, at any time. What
 * comes when that stage is over changes nothing.
 */
public final class Breaker {
    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** In place of a ticket: no attempt may be made now. */
    public static final long REFUSED = -1;

    /** Where there is no breaker every attempt has this ticket. */
    private static final long UNWATCHED = 0;

    private static final long NEXT_STAGE = 8;
    private static final long STATE = NEXT_STAGE - 1;

    private final @Nullable CircuitBreaker machine;
    private final String endpoint;
    private final Scheduler scheduler;
    private final long halfOpenNanos;
    private final AtomicLong stage = new AtomicLong();
    private volatile Scheduler.@Nullable Timer halfOpenLimit;
    private volatile boolean closed;

    public Breaker(BreakerPolicy policy, String endpoint, Ticker ticker, Scheduler scheduler) {
        this.machine = policy.enabled() ? machine(policy, endpoint, ticker) : null;
        this.endpoint = endpoint;
        this.scheduler = scheduler;
        this.halfOpenNanos = NANOSECONDS.convert(policy.halfOpenFor());
        this.stage.set(machine == null ? UNWATCHED : machine.getState().ordinal());
    }

    private static CircuitBreaker machine(BreakerPolicy policy, String endpoint, Ticker ticker) {
        CircuitBreaker own = policy.circuitBreaker();
        return own != null ? own : CircuitBreaker.of(endpoint, config(policy, new TickerClock(ticker)));
    }

    /**
     * Without the limits of resilience4j's that run on threads of its own and in real time. Its lock-free window throws
     * for a size of 1, and the probes have a window of as many.
     */
    private static CircuitBreakerConfig config(BreakerPolicy policy, TickerClock clock) {
        Duration slowAfter = policy.slowAfter();
        return CircuitBreakerConfig.custom()
                .clock(clock)
                .currentTimestampFunction(same -> clock.elapsedNanos(), NANOSECONDS)
                .failureRateThreshold((float) (policy.failureRate() * 100))
                .slowCallDurationThreshold(
                        Duration.ofNanos(slowAfter == null ? Long.MAX_VALUE : NANOSECONDS.convert(slowAfter)))
                .slowCallRateThreshold((float) (policy.slowRate() * 100))
                .slidingWindow(
                        policy.window(),
                        policy.minSeen(),
                        SlidingWindowType.COUNT_BASED,
                        policy.window() > 1 && policy.probes() > 1 ? LOCK_FREE : SYNCHRONIZED)
                .waitDurationInOpenState(policy.openFor())
                .permittedNumberOfCallsInHalfOpenState(policy.probes())
                .automaticTransitionFromOpenToHalfOpenEnabled(false)
                .build();
    }

    /** A ticket for one attempt, or {@link #REFUSED}. */
    public long tryAcquire() {
        if (machine == null) {
            return UNWATCHED;
        }
        long before = stage(machine);
        boolean permitted = machine.tryAcquirePermission();
        long after = stage(machine);
        return permitted ? ticket(before, after) : REFUSED;
    }

    /**
     * A permission was given between the two. It counts as a probe only where it must be one: where both are the same
     * half-open stage, or where the first is the open stage just before, for in that only probes are let through. In
     * doubt it is a ticket of a stage that is over.
     */
    private static long ticket(long before, long after) {
        boolean opened = number(after) == number(before) + 1 && state(before) == State.OPEN.ordinal();
        return state(after) != State.HALF_OPEN.ordinal() || opened ? after : before;
    }

    /** Whether the attempt is one of the few that decide if the breaker closes again; such a one must end soon. */
    public boolean isProbe(long ticket) {
        return ticket >= 0 && state(ticket) == State.HALF_OPEN.ordinal();
    }

    /** The attempt succeeded, after so many nanoseconds. */
    public void success(long ticket, long nanos) {
        if (machine != null && stage(machine) == ticket) {
            try {
                machine.onSuccess(nanos, NANOSECONDS);
            } catch (RuntimeException fault) {
                warn(machine, fault);
            }
            stage(machine);
        }
    }

    /** The attempt failed on the endpoint's side, after so many nanoseconds. */
    public void failure(long ticket, long nanos, Throwable failure) {
        if (machine != null && stage(machine) == ticket) {
            try {
                machine.onError(nanos, NANOSECONDS, failure);
            } catch (RuntimeException fault) {
                warn(machine, fault);
            }
            stage(machine);
        }
    }

    /** A machine of the caller's may run code of the caller's; the outcome it is told of must get out all the same. */
    private static void warn(CircuitBreaker machine, RuntimeException fault) {
        LOG.warn("circuit breaker {} failed to record an outcome", machine.getName(), fault);
    }

    /** The attempt was not made, was given up, or failed on this side: it says nothing about the endpoint. */
    public void release(long ticket) {
        if (machine != null && stage(machine) == ticket) {
            machine.releasePermission();
        }
    }

    /** The state by resilience4j's name, such as {@code HALF_OPEN}; {@code DISABLED} where there is no breaker. */
    public String state() {
        return (machine == null ? State.DISABLED : machine.getState()).name();
    }

    /** No timer is left behind. The breaker may still be used, but for that limit of the half-open state. */
    public void close() {
        closed = true;
        cancel(halfOpenLimit);
    }

    /** The stage now. Whoever first sees another state begins the next stage. */
    private long stage(CircuitBreaker machine) {
        while (true) {
            // In this order: the state is then at least as new as the stage, and a stage never goes back.
            long known = stage.get();
            int state = machine.getState().ordinal();
            if (state == state(known)) {
                return known;
            }
            long next = (number(known) + 1) * NEXT_STAGE + state;
            if (stage.compareAndSet(known, next)) {
                limitHalfOpen(machine, next);
                LOG.info("breaker of {}: {}, was {}", endpoint, State.values()[state], State.values()[state(known)]);
                return next;
            }
        }
    }

    private void limitHalfOpen(CircuitBreaker machine, long begun) {
        cancel(halfOpenLimit);
        if (isProbe(begun)) {
            setHalfOpenLimit(machine, begun);
        }
    }

    private void setHalfOpenLimit(CircuitBreaker machine, long begun) {
        try {
            Scheduler.Timer limit = scheduler.schedule(() -> endHalfOpen(machine, begun), halfOpenNanos);
            halfOpenLimit = limit;
            if (stage.get() != begun || closed) {
                limit.cancel();
            }
        } catch (RuntimeException refused) {
            halfOpenLimit = null; // the probes end it all the same: each gives its permission back
        }
    }

    private static void cancel(Scheduler.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Those probes decide that have an outcome. Where there is none the endpoint may hang: it is left alone again. */
    private void endHalfOpen(CircuitBreaker machine, long begun) {
        boolean worked = worked(machine.getMetrics(), machine.getCircuitBreakerConfig());
        // Only now: the last probe may meanwhile have closed it, and that is not to be undone.
        if (stage(machine) != begun) {
            return;
        }
        if (worked) {
            machine.transitionToClosedState();
        } else {
            machine.transitionToOpenState();
        }
        stage(machine);
    }

    private static boolean worked(CircuitBreaker.Metrics seen, CircuitBreakerConfig config) {
        float all = seen.getNumberOfBufferedCalls();
        return all > 0
                && seen.getNumberOfFailedCalls() / all * 100 < config.getFailureRateThreshold()
                && seen.getNumberOfSlowCalls() / all * 100 < config.getSlowCallRateThreshold();
    }

    private static long number(long stage) {
        return stage / NEXT_STAGE;
    }

    private static int state(long stage) {
        return (int) (stage & STATE);
    }
}
