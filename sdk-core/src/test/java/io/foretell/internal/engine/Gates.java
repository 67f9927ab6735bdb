package io.foretell.internal.engine;

import java.util.stream.Stream;

/** Lets tests look at the gates of an engine's endpoints. */
public final class Gates {
    private final Outbound outbound;

    public Gates(Engine<?, ?> engine) {
        this.outbound = engine.outbound;
    }

    /** How many places are held or waited for, at all endpoints. */
    public int taken() {
        return all().mapToInt(each -> each.gate.inFlight() + each.gate.queued()).sum();
    }

    /** The state of the breaker of one of the endpoints; of the shadow if the number is negative. */
    public String breaker(int endpoint) {
        return at(endpoint).breaker.state();
    }

    /** How many may be in flight at one of the endpoints. */
    public int limit(int endpoint) {
        return at(endpoint).gate.limit();
    }

    /** What is left of the retry budget. */
    public double budget() {
        return outbound.budget.balance();
    }

    private Endpoint at(int endpoint) {
        return all().toList().get(endpoint < 0 ? outbound.endpoints().size() : endpoint);
    }

    private Stream<Endpoint> all() {
        Stream<Endpoint> shadow = outbound.shadow == null ? Stream.empty() : Stream.of(outbound.shadow.endpoint);
        return Stream.concat(outbound.endpoints().stream(), shadow);
    }
}
