package io.foretell.internal.engine;

import io.foretell.codec.Codec;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Interceptor;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The path of every call: start, encode, chain, decode, end. Nothing here blocks and no lock is held; see
 * docs/concurrency.md for who runs what.
 */
public final class Engine<I, O> {
    final Codec<I, O> codec;
    final Transport transport;
    final Ticker ticker;
    final Scheduler scheduler;
    final Listeners listeners;
    final Failures failures;
    final CallEvent.Source source;
    final Lifecycle lifecycle = new Lifecycle();

    private final List<Interceptor> interceptors;
    private final boolean batches;
    private final AtomicLong callIds = new AtomicLong();
    private final AtomicLong requestIds = new AtomicLong();

    public Engine(
            Codec<I, O> codec,
            Transport transport,
            List<Interceptor> interceptors,
            List<CallListener> listeners,
            Ticker ticker,
            Scheduler scheduler) {
        this.codec = codec;
        this.transport = transport;
        this.interceptors = List.copyOf(interceptors);
        this.listeners = new Listeners(listeners);
        this.ticker = ticker;
        this.scheduler = scheduler;
        this.source = new CallEvent.Source(transport.protocol(), transport.endpoint(), transport.model());
        this.failures = new Failures(source);
        this.batches = codec.batches();
    }

    /**
     * Starts a call for each input; each gives one result to the sink, maybe before this returns.
     *
     * @param callbacks where codecs' decode, listeners and the sink run
     * @throws io.foretell.error.RejectedException if closed
     */
    public CallGroup<I, O> start(
            List<I> inputs, Duration timeout, Attributes attributes, Callbacks callbacks, Sink<O> sink) {
        if (!lifecycle.enter(inputs.size())) {
            throw failures.closed();
        }
        CallGroup<I, O> group = new CallGroup<>(this, inputs.size(), timeout, attributes, callbacks, sink);
        List<Call<I, O>> calls = new ArrayList<>(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            CallEvent start = CallEvent.started(source, callIds.incrementAndGet(), 0, 1);
            calls.add(new Call<>(group, i, inputs.get(i), start, ticker.nanos()));
        }
        Callbacks.within(() -> group.run(calls)); // the caller's thread runs listeners, too
        return group;
    }

    /** Sends calls in one request, or each in its own where the codec takes one at a time. */
    void dispatch(List<Call<I, O>> calls) {
        if (calls.size() == 1 || batches) {
            new RequestPass<>(this, calls).run();
        } else {
            calls.forEach(call -> new RequestPass<>(this, List.of(call)).run());
        }
    }

    /** The whole chain, outermost first. Retry or hedge, route and gates stand where the one attempt is. */
    CompletableFuture<InferenceResponse> proceed(InferenceRequest request, Deadline deadline, RequestPass<I, O> pass) {
        return InterceptorChain.run(interceptors, request, deadline, pass::attempt); // attempt events → transport
    }

    long nextRequestId() {
        return requestIds.incrementAndGet();
    }

    /** Accepts no more calls; true for the first to say so. */
    public boolean close() {
        return lifecycle.close();
    }

    /** Completes when closed and nothing is in flight. */
    public CompletableFuture<Void> drained() {
        return lifecycle.drained();
    }
}
