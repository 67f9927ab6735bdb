package io.foretell.internal.batch;

import io.foretell.event.BatchEvent.Reason;
import io.foretell.internal.gate.Grants;
import io.foretell.time.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The items that may share a batch, and their slots. Lock-free: who raises {@code turn} from zero owns the plain fields,
 * who raises it further makes him look again. Of the users' code only the scheduler runs meanwhile, to set a timer; what
 * a look leads to, batches to send and items to reject, comes after it.
 */
final class Lane<T extends Item> {
    /** Of its items. */
    final Object key;

    private final Batcher<T> batcher;
    private final boolean lingers;
    private final AtomicInteger turn = new AtomicInteger();
    private final Arrivals<T> arrivals = new Arrivals<>();

    /** What others have to tell the owner. */
    private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();

    /**
     * While it is true, nothing can leave, so that who adds need not look. Written only where it changes: all who add read
     * it.
     */
    private volatile boolean busy;

    private volatile @Nullable T oldest;
    private volatile long idleSince;

    // The owner's.
    private final Sizes sizes;
    private final ServiceTime service = new ServiceTime();
    private final Waiting<T> waiting;
    private int slotsInUse;
    private Scheduler.@Nullable Timer timer;
    private long timerNanos;
    private @Nullable List<Runnable> later;

    Lane(Batcher<T> batcher, Object key, long now) {
        this.key = key;
        this.batcher = batcher;
        this.lingers = !batcher.policy.linger().isZero();
        this.sizes = new Sizes(batcher.policy);
        this.waiting = new Waiting<>(TimeUnit.NANOSECONDS.convert(batcher.policy.linger()), sizes, service);
        this.idleSince = now;
    }

    /**
     * False where this lane is no more.
     *
     * @param more whether {@link #gather} follows; else what may leave now is sent on this thread
     */
    boolean add(T item, long now, boolean more) {
        if (!arrivals.add(item)) {
            return false;
        }
        if (!more && (!busy || batcher.sheds())) {
            serve(now, true);
        }
        return true;
    }

    /** Ends the lane, if nothing is in it and nothing was for so long. */
    boolean retire(long idleNanos, long now) {
        if (now - idleSince < idleNanos || !turn.compareAndSet(0, 1)) {
            return false;
        }
        boolean ended = slotsInUse == 0 && waiting.isEmpty() && arrivals.end();
        int missed = turn.decrementAndGet();
        if (missed > 0) {
            serve(now, missed, false);
        }
        return ended;
    }

    /** Looks at all that has been added. */
    void gather(long now) {
        if (!arrivals.isEmpty()) {
            serve(now, true);
        }
    }

    /** All that have come so far leave as soon as there are slots. */
    void flush(long now) {
        news.add(() -> {
            collect(now);
            waiting.flush();
        });
        serve(now, true);
    }

    /** Forgets the items that are over already. */
    void purge(long now) {
        news.add(() -> {
            collect(now);
            depart(waiting.purge(now));
        });
        serve(now, true);
    }

    /** Rejects the oldest while the queues hold too much. */
    void shed(long now) {
        news.add(() -> {
            collect(now);
            while (!waiting.isEmpty() && batcher.isOverfull()) {
                T head = waiting.remove(now);
                batcher.dequeued(1, head.bytes);
                later(() -> batcher.shed(head));
            }
        });
        serve(now, true);
    }

    /** The one that has waited longest; told only where the policy sheds it. */
    @Nullable
    T oldest() {
        return oldest;
    }

    BatchCounts counts() {
        return batcher.counts();
    }

    void tooLarge(int items, long bytes) {
        news.add(() -> sizes.tooLarge(items, bytes)); // seen at the end of the batch, if not before
    }

    void over(Batch<T> batch, Batch.End end) {
        batcher.over();
        long now = batcher.nowOr(batch.leftNanos());
        long nanos = now - batch.leftNanos();
        news.add(() -> {
            slotsInUse--;
            learn(batch, end, nanos);
        });
        idleSince = now;
        serve(now, false);
    }

    private void learn(Batch<T> batch, Batch.End end, long nanos) {
        if (end == Batch.End.ANSWERED) {
            service.record(nanos);
            sizes.answered(batch, nanos);
        } else if (end == Batch.End.OVERLOADED) {
            sizes.overloaded(batch);
        }
    }

    /** What a look leads to happens here, or else on the callbacks. */
    private void serve(long now, boolean here) {
        if (turn.getAndIncrement() == 0) {
            serve(now, 1, here);
        }
    }

    private void serve(long now, int seen, boolean here) {
        List<Runnable> steps = null;
        int missed = seen;
        do {
            look(now);
            steps = joined(steps, later);
            later = null;
            missed = turn.addAndGet(-missed);
        } while (missed != 0);
        if (steps != null) {
            run(steps, here);
        }
    }

    private static @Nullable List<Runnable> joined(@Nullable List<Runnable> first, @Nullable List<Runnable> second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        first.addAll(second);
        return first;
    }

    private void run(List<Runnable> steps, boolean here) {
        if (here) {
            Grants.run(steps);
        } else { // one after the other, also where the callbacks run at once, on the thread that ended a batch
            batcher.callbacks.execute(() -> Grants.run(steps));
        }
    }

    private void later(Runnable step) {
        if (later == null) {
            later = new ArrayList<>(2);
        }
        later.add(step);
    }

    private void look(long now) {
        for (Runnable step = news.poll(); step != null; step = news.poll()) {
            step.run();
        }
        letGo(now);
        if (busy && slotsInUse < sizes.slots()) {
            busy = false; // who adds later, looks
            letGo(now);
        }
        if (!busy && slotsInUse >= sizes.slots()) {
            busy = true;
        }
        if (batcher.sheds()) {
            oldest = waiting.first();
        }
    }

    private void letGo(long now) {
        collect(now);
        do {
            while (hasFreeSlot() && mayLeave(now)) {}
        } while (!setTimer(now));
    }

    private void collect(long now) {
        waiting.addAll(arrivals, now);
    }

    private boolean hasFreeSlot() {
        return !waiting.isEmpty() && slotsInUse < sizes.slots();
    }

    /** True if some have left. */
    private boolean mayLeave(long now) {
        if (lingers && waiting.isFull()) { // a batch must not leave half empty for items that are over
            depart(waiting.purgeNext(now));
        }
        Reason reason = waiting.isEmpty() ? null : waiting.reason(now, batcher.closing());
        if (reason == null) {
            return false;
        }
        Waiting.Departure<T> departure = waiting.leave(now);
        depart(departure);
        if (!departure.items().isEmpty()) {
            slotsInUse++;
            Batch<T> batch = new Batch<>(this, departure, reason, sizes.next(), now);
            later(() -> batcher.send(batch));
        }
        return true;
    }

    private void depart(Waiting.Departure<T> departure) {
        if (departure.taken() > 0 && batcher.dequeued(departure.taken(), departure.takenBytes())) {
            later(batcher::admitParked);
        }
    }

    /** One timer, for the open batch; false where there is none to be had: then it leaves at once. */
    private boolean setTimer(long now) {
        boolean needed = lingers && hasFreeSlot();
        long due = waiting.dueNanos();
        if (timer != null && !(needed && timerNanos == due)) {
            later(timer::cancel); // it may throw
            timer = null;
        }
        if (needed && timer == null) {
            try {
                timerNanos = due;
                timer = batcher.scheduler.schedule(() -> batcher.callbacks.execute(() -> isDue(due)), due - now);
            } catch (Throwable refused) {
                waiting.flush();
                return false;
            }
        }
        return true;
    }

    private void isDue(long due) {
        news.add(() -> timer = timerNanos == due ? null : timer);
        serve(due, true);
    }
}
