package io.foretell;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import io.foretell.internal.engine.Callbacks;
import io.foretell.internal.engine.Engine;
import io.foretell.internal.engine.Policies;
import io.foretell.internal.engine.Sink;
import io.foretell.internal.engine.Terms;
import io.foretell.internal.engine.Timers;
import io.foretell.internal.engine.WaitingExecutor;
import io.foretell.time.Scheduler;
import io.foretell.transport.Attributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The typed face of the engine: futures, waiting, and what must be freed at the end. */
final class DefaultPredictor<I, O> implements Predictor<I, O> {
    private static final Logger LOG = LoggerFactory.getLogger(Predictor.class);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final PredictorBuilder<I, O> settings;
    private final SharedRoute route;
    private final Terms usualTerms;
    final Engine<I, O> engine;
    private final Callbacks callbacks;
    private final @Nullable ExecutorService ownCallbacks;
    private final @Nullable Timers ownTimers;

    DefaultPredictor(PredictorBuilder<I, O> settings, SharedRoute route) {
        this.settings = settings;
        this.route = route;
        this.usualTerms = new Terms(settings.timeout, Attributes.empty(), settings.idempotent);
        String name = "foretell-" + NUMBER.incrementAndGet();
        this.ownTimers = settings.scheduler == null ? new Timers(name + "-timer") : null;
        this.ownCallbacks = settings.callbackExecutor == null ? pool(name + "-callback-") : null;
        this.callbacks = new Callbacks(
                settings.callbackExecutor != null ? settings.callbackExecutor : Objects.requireNonNull(ownCallbacks));
        this.engine = new Engine<>(
                settings.codec,
                route.route(),
                policies(settings, settings.scheduler != null ? settings.scheduler : Objects.requireNonNull(ownTimers)),
                settings.batching,
                settings.interceptors,
                settings.listeners,
                callbacks);
        route.acquire(); // the last that can fail
        LOG.info("{}: {}", name, this);
    }

    private static Policies policies(PredictorBuilder<?, ?> settings, Scheduler scheduler) {
        return new Policies(
                settings.retry,
                settings.hedging,
                settings.breaker,
                settings.limits,
                settings.attemptTimeout,
                settings.ticker,
                scheduler,
                settings.random);
    }

    static ExecutorService pool(String prefix) {
        int size = Math.max(2, Runtime.getRuntime().availableProcessors());
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(size, size, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, prefix + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public O predict(I input, CallOptions options) {
        WaitingExecutor here = new WaitingExecutor(callbacks);
        return await(start(input, options, new Callbacks(here), new ValueFuture<O>()), here);
    }

    @Override
    public CompletableFuture<O> predictAsync(I input, CallOptions options) {
        return start(input, options, callbacks, new ValueFuture<O>());
    }

    @Override
    public Prediction<O> call(I input, CallOptions options) {
        WaitingExecutor here = new WaitingExecutor(callbacks);
        return await(start(input, options, new Callbacks(here), new PredictionFuture<O>()), here);
    }

    @Override
    public CompletableFuture<Prediction<O>> callAsync(I input, CallOptions options) {
        return start(input, options, callbacks, new PredictionFuture<O>());
    }

    @Override
    public List<ItemResult<Prediction<O>>> callAll(List<I> inputs, CallOptions options) {
        WaitingExecutor here = new WaitingExecutor(callbacks);
        return await(startAll(inputs, options, new Callbacks(here)), here);
    }

    @Override
    public CompletableFuture<List<ItemResult<Prediction<O>>>> callAllAsync(List<I> inputs, CallOptions options) {
        return startAll(inputs, options, callbacks);
    }

    @Override
    public List<O> predictAll(List<I> inputs, CallOptions options) {
        List<ItemResult<Prediction<O>>> results = callAll(inputs, options);
        List<O> values = new ArrayList<>(results.size());
        for (ItemResult<Prediction<O>> result : results) {
            InferenceException error = result.error();
            if (error != null) {
                throw atCaller(error);
            }
            values.add(result.value().value());
        }
        return Collections.unmodifiableList(values);
    }

    private <T, F extends CallFuture<T> & Sink<O>> CompletableFuture<T> start(
            I input, CallOptions options, Callbacks executor, F future) {
        Objects.requireNonNull(input, "input");
        try {
            future.stops(engine.start(input, terms(options), executor, future));
        } catch (InferenceException refused) {
            future.completeExceptionally(refused);
        }
        return future;
    }

    CompletableFuture<List<ItemResult<Prediction<O>>>> startAll(
            List<I> inputs, CallOptions options, Callbacks executor) {
        List<I> items = new ArrayList<>(Objects.requireNonNull(inputs, "inputs"));
        for (int i = 0; i < items.size(); i++) {
            Objects.requireNonNull(items.get(i), "input " + i);
        }
        if (items.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        PredictionsFuture<O> future = new PredictionsFuture<>(items.size());
        try {
            future.stops(engine.startAll(items, terms(options), executor, future));
        } catch (InferenceException refused) {
            future.completeExceptionally(refused);
        }
        return future;
    }

    private Terms terms(CallOptions options) {
        return options == CallOptions.none()
                ? usualTerms
                : new Terms(
                        options.timeout() == null ? settings.timeout : options.timeout(),
                        options.attributes(),
                        options.idempotent() == null ? settings.idempotent : options.idempotent());
    }

    /** The only place that waits for a call. */
    static <T> T await(CompletableFuture<T> future, WaitingExecutor here) {
        try {
            here.await(future);
            return future.get();
        } catch (InterruptedException interrupted) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for a prediction");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof InferenceException known) {
                throw atCaller(known);
            }
            throw new IllegalStateException("a call ended with " + failed.getCause(), failed.getCause());
        }
    }

    /** The error with the stack of the caller in place of the event loop's. */
    static InferenceException atCaller(InferenceException error) {
        InferenceException thrown = error.toBuilder().build();
        thrown.setStackTrace(new Throwable().getStackTrace());
        return thrown;
    }

    Surroundings surroundings() {
        Scheduler scheduler = settings.scheduler != null ? settings.scheduler : Objects.requireNonNull(ownTimers);
        return new Surroundings(settings.ticker, scheduler, callbacks, settings.timeout, settings.idempotent);
    }

    @Override
    public CompletableFuture<Void> flush() {
        return engine.flush();
    }

    @Override
    public BatchSnapshot batches() {
        return new BatchSnapshot(engine.batcher());
    }

    @Override
    public PredictorBuilder<I, O> toBuilder() {
        return new PredictorBuilder<>(settings);
    }

    @Override
    public void close() {
        if (!engine.close(settings.closeGrace)) {
            return;
        }
        if (Callbacks.inside()) {
            releaseInBackground();
            return;
        }
        try {
            engine.drained().get();
            release();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            releaseInBackground();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void releaseInBackground() {
        Thread thread = new Thread(
                () -> {
                    engine.drained().join();
                    release();
                },
                "foretell-close");
        thread.setDaemon(true);
        thread.start();
    }

    private void release() {
        engine.release();
        if (ownTimers != null) {
            ownTimers.close();
        }
        if (ownCallbacks != null) {
            ownCallbacks.shutdown();
        }
        route.release();
    }

    /** Where it sends to, and every setting that decides what happens at three in the morning. */
    @Override
    public String toString() {
        return "Predictor(" + route.route() + ", timeout " + settings.timeout
                + (settings.attemptTimeout == null ? "" : ", attempt timeout " + settings.attemptTimeout)
                + (settings.batching.enabled() ? ", " + settings.batching : "")
                + ", " + settings.retry + (settings.idempotent ? "" : ", not idempotent")
                + ", " + settings.hedging + ", " + settings.breaker + ", " + settings.limits + ")";
    }
}
