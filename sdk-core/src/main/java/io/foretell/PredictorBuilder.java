package io.foretell;

import io.foretell.codec.Codec;
import io.foretell.event.CallListener;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.foretell.transport.Interceptor;
import io.foretell.transport.Route;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link Predictor}. Not thread-safe; may build several, which then share the transport. */
public final class PredictorBuilder<I, O> {
    final Codec<I, O> codec;

    @Nullable
    SharedRoute route;

    Duration timeout = Duration.ofSeconds(70);

    @Nullable
    Duration attemptTimeout;

    Duration closeGrace = Duration.ofSeconds(20);
    boolean idempotent = true;
    BatchPolicy batching = BatchPolicy.none();
    RetryPolicy retry = RetryPolicy.defaults();

    HedgingPolicy hedging = HedgingPolicy.none();
    BreakerPolicy breaker = BreakerPolicy.defaults();
    LimitPolicy limits = LimitPolicy.defaults();
    final List<Interceptor> interceptors = new ArrayList<>();
    final List<CallListener> listeners = new ArrayList<>();

    @Nullable
    Executor callbackExecutor;

    Ticker ticker = Ticker.system();

    @Nullable
    Scheduler scheduler;

    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

    PredictorBuilder(Codec<I, O> codec) {
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /** For {@link Predictor#toBuilder()}. */
    PredictorBuilder(PredictorBuilder<I, O> origin) {
        this(origin.codec);
        this.route = origin.route;
        this.timeout = origin.timeout;
        this.attemptTimeout = origin.attemptTimeout;
        this.closeGrace = origin.closeGrace;
        this.idempotent = origin.idempotent;
        this.batching = origin.batching;
        this.retry = origin.retry;
        this.hedging = origin.hedging;
        this.breaker = origin.breaker;
        this.limits = origin.limits;
        this.interceptors.addAll(origin.interceptors);
        this.listeners.addAll(origin.listeners);
        this.callbackExecutor = origin.callbackExecutor;
        this.ticker = origin.ticker;
        this.scheduler = origin.scheduler;
        this.random = origin.random;
    }

    /**
     * What moves the requests; required. It is closed with the last of the predictors that this builder, and the {@link
     * Predictor#toBuilder()} copies that keep this transport, have built. One that is given to {@code transport} again,
     * here or on another builder, is counted anew: the first of the counts to end closes it for all.
     */
    public PredictorBuilder<I, O> transport(Transport transport) {
        return route(Route.to(transport));
    }

    /** Several endpoints in the place of one; see {@link #transport} for who closes their transports. */
    public PredictorBuilder<I, O> route(Route route) {
        this.route = new SharedRoute(Objects.requireNonNull(route, "route"));
        return this;
    }

    /**
     * How long a call may take, from its entry to its result; default 70 s.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public PredictorBuilder<I, O> timeout(Duration timeout) {
        this.timeout = CallOptions.positive(timeout, "timeout");
        return this;
    }

    /**
     * How long one attempt may take before it counts as failed; never more than what is left of the call. Default null:
     * no limit but the call's.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public PredictorBuilder<I, O> attemptTimeout(@Nullable Duration attemptTimeout) {
        this.attemptTimeout = attemptTimeout == null ? null : CallOptions.positive(attemptTimeout, "attemptTimeout");
        return this;
    }

    /**
     * Joins calls of all threads into requests; default {@link BatchPolicy#none()}. For codecs that batch. The inputs of
     * {@link Predictor#predictAll} join like any others. A blocking call within a callback does not join: it would keep a
     * thread from the batches that they need.
     */
    public PredictorBuilder<I, O> batching(BatchPolicy batching) {
        this.batching = Objects.requireNonNull(batching, "batching");
        return this;
    }

    /** When to try again; default {@link RetryPolicy#defaults()}: 3 attempts, on a budget. */
    public PredictorBuilder<I, O> retry(RetryPolicy retry) {
        this.retry = Objects.requireNonNull(retry, "retry");
        return this;
    }

    /**
     * Sends a request again while it is slow, and takes the first answer; default {@link HedgingPolicy#none()}. For
     * idempotent predictors only.
     */
    public PredictorBuilder<I, O> hedging(HedgingPolicy hedging) {
        this.hedging = Objects.requireNonNull(hedging, "hedging");
        return this;
    }

    /**
     * When an endpoint is left alone; default {@link BreakerPolicy#defaults()}. Each endpoint has a breaker of its own.
     */
    public PredictorBuilder<I, O> breaker(BreakerPolicy breaker) {
        this.breaker = Objects.requireNonNull(breaker, "breaker");
        return this;
    }

    /** How much may be in flight, and how fast it may go; default {@link LimitPolicy#defaults()}. For each endpoint. */
    public PredictorBuilder<I, O> limits(LimitPolicy limits) {
        this.limits = Objects.requireNonNull(limits, "limits");
        return this;
    }

    /**
     * Whether a request may run twice without harm; default true, as inference is. If not, nothing is sent again that
     * the model may have run.
     */
    public PredictorBuilder<I, O> idempotent(boolean idempotent) {
        this.idempotent = idempotent;
        return this;
    }

    /**
     * How long {@link Predictor#close()} waits for calls in flight before it gives them up; default 20 s.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public PredictorBuilder<I, O> closeGrace(Duration closeGrace) {
        if (closeGrace.isNegative()) {
            throw new IllegalArgumentException("closeGrace negative: " + closeGrace);
        }
        this.closeGrace = closeGrace;
        return this;
    }

    /** Adds an interceptor, inside those added before. */
    public PredictorBuilder<I, O> interceptor(Interceptor interceptor) {
        interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Adds a listener. */
    public PredictorBuilder<I, O> listener(CallListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Where decoding, listeners and the completion of futures run; default a small pool of daemon threads of the
     * predictor's own. With {@code Runnable::run} all that happens on the transport's event loop, for callers who
     * promise never to block in it. An executor given here stays the caller's to shut down. With {@link #batching} its
     * threads must not wait for calls of this predictor, or the answers wait for them.
     */
    public PredictorBuilder<I, O> callbackExecutor(Executor callbackExecutor) {
        this.callbackExecutor = Objects.requireNonNull(callbackExecutor, "callbackExecutor");
        return this;
    }

    /** The clock and the timers, for tests that make their own time; default the system's. */
    public PredictorBuilder<I, O> time(Ticker ticker, Scheduler scheduler) {
        this.ticker = Objects.requireNonNull(ticker, "ticker");
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        return this;
    }

    /**
     * Where chance comes from, for tests that repeat it: jitter, splits, shadows. Thread-safe. Default the system's.
     */
    public PredictorBuilder<I, O> random(RandomGenerator random) {
        this.random = Objects.requireNonNull(random, "random");
        return this;
    }

    /**
     * The predictor.
     *
     * @throws IllegalArgumentException if there is no transport, one does not take what the codec writes, or hedging or
     *     batching stands beside what rules it out
     * @throws IllegalStateException if the transport was closed with the last predictor that used it
     */
    public Predictor<I, O> build() {
        if (route == null) {
            throw new IllegalArgumentException("no transport: call transport(...)");
        }
        for (Transport target : route.route().transports()) {
            if (!target.accepts(codec.payload())) {
                throw new IllegalArgumentException("transport " + target.protocol() + " " + target.endpoint()
                        + " does not take " + codec.payload() + ", which the codec writes");
            }
        }
        if (hedging.enabled() && !idempotent) {
            throw new IllegalArgumentException("hedging needs requests that may run twice: idempotent is false");
        }
        if (hedging.enabled() && retry.maxAttempts() == 1) {
            throw new IllegalArgumentException("hedging needs a second attempt: maxAttempts is 1");
        }
        if (batching.enabled() && !codec.batches()) {
            throw new IllegalArgumentException("batching needs a codec that takes several inputs: " + codec);
        }
        return new DefaultPredictor<>(new PredictorBuilder<>(this), route);
    }
}
