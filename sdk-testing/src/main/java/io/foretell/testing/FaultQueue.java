package io.foretell.testing;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The faults a sandbox is still to play, each as often as it says. Thread-safe. */
final class FaultQueue {
    private final Queue<Fault> faults = new ArrayDeque<>();
    private int played;

    synchronized void add(Fault fault) {
        if (fault.times() < 1) {
            throw new IllegalArgumentException("times < 1: " + fault.times());
        }
        faults.add(fault);
    }

    /** What to do to the next request; null to answer it as usual. */
    synchronized @Nullable Fault next() {
        Fault fault = faults.peek();
        if (fault != null && ++played == fault.times()) {
            faults.remove();
            played = 0;
        }
        return fault;
    }
}
