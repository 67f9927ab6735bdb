package io.foretell.internal.engine;

import io.foretell.error.ErrorCategory;
import io.foretell.event.CallEvent;
import io.foretell.internal.gate.Breaker;
import io.foretell.internal.gate.Gate;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Transport;
import java.util.concurrent.CompletableFuture;

/** One address with the gates before it and what is known of its speed. */
final class Endpoint {
    final Transport transport;
    final CallEvent.Source source;
    final Failures failures;
    final Breaker breaker;
    final Gate gate;
    final LatencyWindow latencies;

    Endpoint(Transport transport, Policies policies) {
        this.transport = transport;
        this.source = new CallEvent.Source(transport.protocol(), transport.endpoint(), transport.model());
        this.failures = new Failures(source);
        this.breaker = new Breaker(policies.breaker(), source.toString(), policies.ticker(), policies.scheduler());
        this.gate = new Gate(policies.limits(), source.toString(), policies.ticker(), policies.scheduler());
        this.latencies = new LatencyWindow(policies.ticker());
    }

    /** Sends. What the transport throws, and null for a future, become failures like any other. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        try {
            CompletableFuture<InferenceResponse> sent = transport.send(request, context);
            return sent != null ? sent : CompletableFuture.failedFuture(fault("no future"));
        } catch (Throwable fault) {
            return CompletableFuture.failedFuture(fault);
        }
    }

    IllegalStateException fault(String what) {
        return new IllegalStateException("transport " + source + " gave " + what);
    }

    /** Gives place and permission back after an answer. */
    void answered(long permission, long bytes, long nanos) {
        gate.leave(bytes, Gate.Outcome.SUCCESS, nanos);
        breaker.success(permission, nanos);
    }

    /** Gives place and permission back after a failure. */
    void failed(long permission, long bytes, long nanos, Throwable error) {
        ErrorCategory category = ErrorRules.category(error);
        gate.leave(bytes, ErrorRules.outcome(category), nanos);
        ErrorRules.settle(breaker, permission, category, nanos, error);
    }

    /** What state its gates are in. */
    @Override
    public String toString() {
        return source + " (breaker " + breaker.state() + ", " + gate.inFlight() + " of " + gate.limit() + " in flight, "
                + gate.queued() + " queued)";
    }
}
