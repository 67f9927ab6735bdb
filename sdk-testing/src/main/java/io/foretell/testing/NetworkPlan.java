package io.foretell.testing;

import java.util.List;
import java.util.random.RandomGenerator;

/** Decides what a {@link FaultProxy} does to each new connection. Called on the proxy's thread, and must not block. */
@FunctionalInterface
public interface NetworkPlan {
    /**
     * The faults of a connection; none for a healthy one.
     *
     * @param connection its number, in the order of acceptance, from 1
     * @param random for this connection alone: with the same seed, the same number draws the same
     */
    List<NetworkFault> faults(long connection, RandomGenerator random);
}
