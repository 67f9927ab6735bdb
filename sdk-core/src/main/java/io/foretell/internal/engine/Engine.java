package io.foretell.internal.engine;

import io.foretell.codec.Codec;
import io.foretell.event.BatchEvent;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.internal.batch.Batch;
import io.foretell.internal.batch.Batcher;
import io.foretell.policy.BatchPolicy;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.Interceptor;
import io.foretell.transport.Route;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The path of every call: start, encode, chain, decode, end. Nothing here blocks and no lock is held; see
 * docs/concurrency.md for who runs what.
 */
public final class Engine<I, O> {
    final CheckedCodec<I, O> codec;
    final Ticker ticker;
    final Scheduler scheduler;
    final Listeners listeners;
    final Failures failures;
    final CallEvent.Source source;
    final Outbound outbound;
    final Lifecycle lifecycle = new Lifecycle();

    /** Once the grace of closing is over. */
    volatile @Nullable GivenUp givenUp;

    /** How long it was, and how many calls had not ended. */
    record GivenUp(Duration grace, int calls) {}

    /** The groups that were not answered at once. */
    final Set<CallGroup<I, O>> outstanding = ConcurrentHashMap.newKeySet();

    private final List<Interceptor> interceptors;
    private final BatchPolicy batching;
    private final BatchKeys<I, O> batchKeys;
    private final @Nullable Batcher<Call<I, O>> batcher;
    private final Division<I, O> unbatched = new Division<>(this);
    final Callbacks callbacks;
    private final AtomicLong callIds = new AtomicLong();
    private final AtomicLong requestIds = new AtomicLong();

    /** @param callbacks for what belongs to no call */
    public Engine(
            Codec<I, O> codec,
            Route route,
            Policies policies,
            BatchPolicy batching,
            List<Interceptor> interceptors,
            List<CallListener> listeners,
            Callbacks callbacks) {
        this.codec = new CheckedCodec<>(codec);
        this.interceptors = List.copyOf(interceptors);
        this.listeners = new Listeners(listeners);
        this.ticker = policies.ticker();
        this.scheduler = policies.scheduler();
        this.outbound = new Outbound(route, policies, this.listeners, callbacks);
        this.source = source(route);
        this.failures = new Failures(source);
        this.callbacks = callbacks;
        this.batching = batching;
        this.batchKeys = new BatchKeys<>(this.codec, batching);
        this.batcher = batching.enabled()
                ? new Batcher<>(batching, source.toString(), ticker, scheduler, callbacks, this::send)
                : null;
    }

    private static CallEvent.Source source(Route route) {
        Transport first = route.endpoints().get(0);
        String names =
                route.endpoints().stream().map(Transport::endpoint).distinct().collect(Collectors.joining(","));
        boolean oneModel =
                route.endpoints().stream().map(Transport::model).distinct().count() == 1;
        return new CallEvent.Source(first.protocol(), names, oneModel ? first.model() : null);
    }

    /**
     * Starts a call; it gives its result to the sink, maybe before this returns.
     *
     * @param callbacks where codecs' decode, listeners and the sink run
     * @throws io.foretell.error.RejectedException if closed
     */
    public CallGroup<I, O> start(I input, Terms terms, Callbacks callbacks, Sink<O> sink) {
        CallGroup<I, O> group = new CallGroup<>(this, terms, callbacks, sink);
        return start(group, List.of(new Call<>(group, 0, input)));
    }

    /**
     * Starts a call for each input; each gives one result to the sink, maybe before this returns.
     *
     * @param callbacks where codecs' decode, listeners and the sink run
     * @throws io.foretell.error.RejectedException if closed
     */
    public CallGroup<I, O> startAll(List<I> inputs, Terms terms, Callbacks callbacks, Sink<O> sink) {
        CallGroup<I, O> group = new CallGroup<>(this, terms, callbacks, sink);
        List<Call<I, O>> calls = new ArrayList<>(inputs.size());
        for (I input : inputs) {
            calls.add(new Call<>(group, calls.size(), input));
        }
        return start(group, calls);
    }

    private CallGroup<I, O> start(CallGroup<I, O> group, List<Call<I, O>> calls) {
        Lifecycle.Epoch epoch = lifecycle.enter(calls.size()); // the last that can fail
        if (epoch == null) {
            throw failures.closed();
        }
        Object before = group.callbacks.start(); // the caller's thread runs listeners, too
        try {
            group.run(calls, epoch);
        } finally {
            Callbacks.leave(before);
        }
        return group;
    }

    /** Lets calls join batches; or sends them in one request, or each in its own where the codec takes one at a time. */
    void dispatch(List<Call<I, O>> calls) {
        if (batcher != null && !calls.get(0).group().waitsInCallback()) {
            joinAll(calls, batcher);
        } else if (calls.size() == 1 || codec.batches()) {
            send(calls, unbatched);
        } else {
            calls.forEach(call -> send(List.of(call), unbatched));
        }
    }

    /** Several calls of one caller leave together, if nothing keeps them apart. */
    private void joinAll(List<Call<I, O>> calls, Batcher<Call<I, O>> batcher) {
        boolean several = calls.size() > 1;
        calls.forEach(call -> join(call, batcher, several));
        if (several) {
            batcher.gather();
        }
    }

    private void join(Call<I, O> call, Batcher<Call<I, O>> batcher, boolean more) {
        try {
            batcher.add(call, batchKeys.of(call), codec.sizeOf(call.input), more);
        } catch (Throwable fault) {
            call.reject(failures.codec("batching", fault, 0));
        }
    }

    private void send(Batch<Call<I, O>> batch) {
        if (listeners.any()) {
            Call<I, O> first = batch.items().get(0);
            listeners.tell(
                    CallListener::batchLeft,
                    new BatchEvent(
                            source,
                            batch.reason(),
                            batch.items().size(),
                            batch.bytes(),
                            Math.max(0, batch.leftNanos() - first.group().startNanos)));
        }
        new BatchDivision<>(this, batch, batching).next();
    }

    void send(List<Call<I, O>> calls, Division<I, O> division) {
        new RequestPass<>(this, calls, division).run();
    }

    /** Lets what gathers leave. Completes when all calls have ended that have started by now. */
    public CompletableFuture<Void> flush() {
        CompletableFuture<Void> flushed = lifecycle.flush();
        if (batcher != null) {
            Object before = Callbacks.enter();
            try {
                batcher.flush();
            } finally {
                Callbacks.leave(before);
            }
        }
        return flushed;
    }

    /** Null where calls are not batched. */
    public @Nullable Batcher<?> batcher() {
        return batcher;
    }

    /**
     * The whole chain, outermost first: interceptors → attempt loop (retry or hedge) → route → that endpoint's breaker,
     * rate limit and permit → attempt events → transport.
     */
    void proceed(InferenceRequest request, Deadline deadline, RequestPass<I, O> pass) {
        if (interceptors.isEmpty()) {
            pass.send(request, pass);
        } else {
            InterceptorChain.run(interceptors, request, deadline, pass::send).whenComplete(pass::ended);
        }
    }

    /** Only events have numbers. */
    long nextCallId() {
        return listeners.any() ? callIds.incrementAndGet() : 0;
    }

    /** Only events have numbers. */
    long nextRequestId() {
        return listeners.any() ? requestIds.incrementAndGet() : 0;
    }

    /**
     * Accepts no more calls; true for the first to say so. What waits to be retried ends now with the error it has; what
     * is out after the grace is given up.
     */
    public boolean close(Duration grace) {
        if (!lifecycle.close()) {
            return false;
        }
        outbound.closing = true;
        if (batcher != null) {
            Object before = Callbacks.enter(); // what gathers is encoded here
            try {
                batcher.close();
            } finally {
                Callbacks.leave(before);
            }
        }
        outstanding.forEach(CallGroup::stopRetrying);
        if (!lifecycle.drained().isDone()) {
            giveUpAfter(grace);
        }
        return true;
    }

    private void giveUpAfter(Duration grace) {
        try {
            Scheduler.Timer timer = scheduler.schedule(() -> giveUp(grace), TimeUnit.NANOSECONDS.convert(grace));
            lifecycle.drained().whenComplete((nothing, never) -> timer.cancel());
        } catch (Throwable refused) { // then their deadlines bound them no more, either
            giveUp(grace);
        }
    }

    private void giveUp(Duration grace) {
        outbound.givenUp = true; // what one gives up must not let another go
        int calls = outstanding.stream().mapToInt(CallGroup::live).sum();
        GivenUp now = new GivenUp(grace, calls);
        givenUp = now; // for a group that is not among these yet
        outstanding.forEach(group -> group.closeNow(now));
    }

    /** Completes when closed and nothing is in flight. */
    public CompletableFuture<Void> drained() {
        return lifecycle.drained();
    }

    /** Ends what may outlive the calls. */
    public void release() {
        outbound.endpoints().forEach(each -> each.breaker.close());
        if (outbound.shadow != null) {
            outbound.shadow.close();
            outbound.shadow.endpoint.breaker.close();
        }
    }
}
