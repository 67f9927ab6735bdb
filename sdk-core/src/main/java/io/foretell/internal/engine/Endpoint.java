package io.foretell.internal.engine;

import io.foretell.event.CallEvent;
import io.foretell.internal.gate.Breaker;
import io.foretell.internal.gate.Gate;
import io.foretell.transport.Transport;

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

    /** What state its gates are in. */
    @Override
    public String toString() {
        return source + " (breaker " + breaker.state() + ", " + gate.inFlight() + " of " + gate.limit() + " in flight, "
                + gate.queued() + " queued)";
    }
}
