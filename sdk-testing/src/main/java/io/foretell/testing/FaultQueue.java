package io.foretell.testing;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The faults a sandbox is still to play, each as often as it says, and the plan for when there are none. Thread-safe. */
final class FaultQueue {
    private final Queue<Fault> faults = new ArrayDeque<>();
    private int played;
    private Played plan = new Played(FaultPlan.none());

    private record Played(FaultPlan plan, AtomicLong requests) {
        Played(FaultPlan plan) {
            this(Objects.requireNonNull(plan, "plan"), new AtomicLong());
        }

        @Nullable
        Fault next() {
            return plan.fault(requests.getAndIncrement());
        }
    }

    synchronized void add(Fault fault) {
        if (fault.times() < 1) {
            throw new IllegalArgumentException("times < 1: " + fault.times());
        }
        faults.add(fault);
    }

    synchronized void plan(FaultPlan plan) {
        this.plan = new Played(plan);
    }

    /** What to do to the next request; null to answer it as usual. */
    @Nullable
    Fault next() {
        Played now;
        synchronized (this) {
            Fault fault = faults.peek();
            if (fault != null) {
                if (++played == fault.times()) {
                    faults.remove();
                    played = 0;
                }
                return fault;
            }
            now = plan;
        }
        return now.next();
    }
}
