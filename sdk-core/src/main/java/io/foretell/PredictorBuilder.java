package io.foretell;

import io.foretell.codec.Codec;
import io.foretell.event.CallListener;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.foretell.transport.Interceptor;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Builds a {@link Predictor}. Not thread-safe; may build several, which then share the transport. */
public final class PredictorBuilder<I, O> {
    final Codec<I, O> codec;

    @Nullable
    SharedTransport transport;

    Duration timeout = Duration.ofSeconds(70);
    final List<Interceptor> interceptors = new ArrayList<>();
    final List<CallListener> listeners = new ArrayList<>();

    @Nullable
    Executor callbackExecutor;

    Ticker ticker = Ticker.system();

    @Nullable
    Scheduler scheduler;

    PredictorBuilder(Codec<I, O> codec) {
        this.codec = Objects.requireNonNull(codec, "codec");
    }

    /** For {@link Predictor#toBuilder()}. */
    PredictorBuilder(PredictorBuilder<I, O> origin) {
        this(origin.codec);
        this.transport = origin.transport;
        this.timeout = origin.timeout;
        this.interceptors.addAll(origin.interceptors);
        this.listeners.addAll(origin.listeners);
        this.callbackExecutor = origin.callbackExecutor;
        this.ticker = origin.ticker;
        this.scheduler = origin.scheduler;
    }

    /**
     * What moves the requests; required. It is closed with the last of the predictors that this builder, and the {@link
     * Predictor#toBuilder()} copies that keep this transport, have built. One that is given to {@code transport} again,
     * here or on another builder, is counted anew: the first of the counts to end closes it for all.
     */
    public PredictorBuilder<I, O> transport(Transport transport) {
        this.transport = new SharedTransport(Objects.requireNonNull(transport, "transport"));
        return this;
    }

    /**
     * How long a call may take, from its entry to its result; default 70 s.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public PredictorBuilder<I, O> timeout(Duration timeout) {
        this.timeout = CallOptions.positive(timeout);
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
     * predictor's own. With {@code Runnable::run} all that happens on the transport's event loop, for callers who promise
     * never to block in it. An executor given here stays the caller's to shut down.
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
     * The predictor.
     *
     * @throws IllegalArgumentException if there is no transport, or it does not take what the codec writes
     * @throws IllegalStateException if the transport was closed with the last predictor that used it
     */
    public Predictor<I, O> build() {
        if (transport == null) {
            throw new IllegalArgumentException("no transport: call transport(...)");
        }
        Transport target = transport.transport();
        if (!target.accepts(codec.payload())) {
            throw new IllegalArgumentException("transport " + target.protocol() + " " + target.endpoint()
                    + " does not take " + codec.payload() + ", which the codec writes");
        }
        return new DefaultPredictor<>(new PredictorBuilder<>(this), transport);
    }
}
