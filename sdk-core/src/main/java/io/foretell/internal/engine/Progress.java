package io.foretell.internal.engine;

import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** When an attempt passed its stages. Made where somebody asks for phases only. */
final class Progress {
    private static final long NOT_YET = Long.MIN_VALUE;
    private static final AtomicLongFieldUpdater<Progress> SENT =
            AtomicLongFieldUpdater.newUpdater(Progress.class, "sentNanos");
    private static final AtomicLongFieldUpdater<Progress> FIRST =
            AtomicLongFieldUpdater.newUpdater(Progress.class, "firstNanos");

    private long startNanos; // before the end is published, and read after it
    private volatile long sentNanos = NOT_YET;
    private volatile long firstNanos = NOT_YET;
    private volatile long endNanos = NOT_YET;

    /** For who starts the attempt. */
    void started(long now) {
        startNanos = now;
    }

    /** The whole request has left. The first report counts. */
    void sent(long now) {
        SENT.compareAndSet(this, NOT_YET, now);
    }

    /** The first of the answer has come. The first report counts. */
    void first(long now) {
        FIRST.compareAndSet(this, NOT_YET, now);
    }

    /** For who ends the attempt. */
    void ended(long now) {
        endNanos = now;
    }

    /** Nothing until it has ended. */
    void addTimings(Timings.Builder timings) {
        long end = endNanos;
        if (end == NOT_YET) {
            return;
        }
        long sent = sentNanos;
        long first = firstNanos;
        timings.set(Phase.ATTEMPT, end - startNanos);
        if (sent != NOT_YET) {
            timings.set(Phase.SEND, sent - startNanos);
        }
        if (first != NOT_YET) {
            timings.set(Phase.RECEIVE, end - first);
        }
        if (sent != NOT_YET && first != NOT_YET) {
            timings.set(Phase.WAIT, Math.max(0, first - sent));
        }
    }
}
