package io.foretell.internal.batch;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.internal.gate.Permits;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Joins items of equal keys into batches. Thread-safe and lock-free: who adds an item that may leave at once sends it,
 * what a free slot lets go is sent by the callbacks. All queues together are bounded.
 */
public final class Batcher<T extends Item> {
    private static final int MAX_LANES = 1_000;
    private static final long IDLE_NANOS = 60_000_000_000L;
    private static final long PURGE_NANOS = 10_000_000;

    final BatchPolicy policy;
    final Ticker ticker;
    final Scheduler scheduler;
    final Executor callbacks;
    private final String target;
    private final Consumer<Batch<T>> sender;
    private final BatchCounts counts = new BatchCounts();
    private final ConcurrentMap<Object, Lane<T>> lanes = new ConcurrentHashMap<>();
    private final Permits queued;
    private final Parking<T> parking;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong nextPurge;
    private volatile @Nullable Lane<T> latest;
    private volatile boolean closing;

    /**
     * A batcher without queues yet.
     *
     * @param target where it sends to, for errors
     * @param sender takes each batch once, and must see to its end
     */
    public Batcher(
            BatchPolicy policy,
            String target,
            Ticker ticker,
            Scheduler scheduler,
            Executor callbacks,
            Consumer<Batch<T>> sender) {
        this.policy = policy;
        this.target = target;
        this.ticker = ticker;
        this.scheduler = scheduler;
        this.callbacks = callbacks;
        this.sender = sender;
        this.queued = new Permits(policy.maxQueuedBytes());
        this.parking = new Parking<>(queued, policy.maxQueuedItems(), this::admit);
        this.nextPurge = new AtomicLong(ticker.nanos());
    }

    /**
     * Takes an item, which then either leaves in a batch, is rejected, or was over before.
     *
     * @param key of those it may share a batch with
     * @param more whether {@link #gather} follows at once on this thread, so that this item need not leave before others
     * @throws InferenceException of category {@code LOCAL_REJECTED} if there is no room
     */
    public void add(T item, Object key, long bytes, boolean more) {
        item.bytes = Math.min(bytes, Permits.ALL_BYTES);
        if (parking.size() == 0 && takePlace(item.bytes, item.startNanos())) {
            enqueue(item, key, item.startNanos(), more);
        } else if (policy.whenFull() == WhenFull.WAIT) {
            parking.add(item, key);
        } else if (sheds()) {
            queued.force(item.bytes);
            enqueue(item, key, item.startNanos(), more);
            shedOldest(item.startNanos());
        } else {
            counts.reject();
            throw full("rejected", bytes);
        }
    }

    /** Looks at what has been added to all queues. */
    public void gather(long now) {
        lanes.values().forEach(lane -> lane.gather(now));
    }

    /** Of an item that has its place in the queues. */
    private void enqueue(T item, Object key, long now, boolean more) {
        while (true) {
            Lane<T> lane = lane(item, key, now);
            if (lane.add(item, now, more)) {
                return;
            }
            lanes.remove(key, lane);
            latest = null;
        }
    }

    /** Most often that of the item before: then no hash of the key is needed. */
    private Lane<T> lane(T item, Object key, long now) {
        Lane<T> lane = latest;
        if (lane == null || !lane.key.equals(key)) {
            lane = lanes.get(key);
            if (lane == null) {
                lane = makeLane(item, key, now);
            }
            latest = lane;
        }
        return lane;
    }

    private void admit(T item, Object key) {
        try {
            enqueue(item, key, nowOr(item.startNanos()), false);
        } catch (InferenceException noRoom) {
            item.reject(noRoom);
        }
    }

    /** The time, or another where the ticker throws: queues must go on all the same. */
    long nowOr(long earlier) {
        try {
            return ticker.nanos();
        } catch (Throwable broken) {
            return earlier;
        }
    }

    private Lane<T> makeLane(T item, Object key, long now) {
        lanes.values().removeIf(lane -> lane.retire(IDLE_NANOS, now));
        if (lanes.size() >= MAX_LANES) {
            lanes.values().removeIf(lane -> lane.retire(0, now));
        }
        if (lanes.size() >= MAX_LANES) {
            dequeued(1, item.bytes);
            counts.reject();
            throw rejected("the queues are of " + MAX_LANES + " kinds of inputs already, which cannot share batches:"
                    + " pad inputs to fewer shapes, or use fewer sets of options");
        }
        return lanes.computeIfAbsent(key, same -> new Lane<>(this, key, now));
    }

    private boolean takePlace(long bytes, long now) {
        if (queued.take(bytes, policy.maxQueuedItems())) {
            return true;
        }
        lanes.values().forEach(policy.linger().isZero() ? lane -> lane.gather(now) : lane -> lane.flush(now));
        long due = nextPurge.get();
        if (now - due >= 0 && nextPurge.compareAndSet(due, now + PURGE_NANOS)) {
            lanes.values().forEach(lane -> lane.purge(now));
        }
        return queued.take(bytes, policy.maxQueuedItems());
    }

    /** Each lane sheds as long as there is too much; who owns it at the moment does so later. */
    private void shedOldest(long now) {
        for (int tries = lanes.size(); tries > 0 && isOverfull(); tries--) {
            Lane<T> oldest = oldestLane();
            if (oldest == null) {
                return; // what was too much has just left
            }
            oldest.shed(now);
        }
    }

    private @Nullable Lane<T> oldestLane() {
        Lane<T> oldest = null;
        T first = null;
        for (Lane<T> lane : lanes.values()) {
            T item = lane.oldest();
            if (item != null && (first == null || item.startNanos() - first.startNanos() < 0)) {
                oldest = lane;
                first = item;
            }
        }
        return oldest;
    }

    boolean sheds() {
        return policy.whenFull() == WhenFull.SHED_OLDEST;
    }

    boolean isOverfull() {
        return queued.isOverfull(policy.maxQueuedItems());
    }

    void shed(T item) {
        counts.reject();
        item.reject(full("shed for later ones", item.bytes));
    }

    private InferenceException full(String what, long bytes) {
        return rejected("a call with " + bytes + " bytes of input is " + what + ": "
                + queued.describe(policy.maxQueuedItems()) + " wait for batches, send less, or raise the limits of"
                + " BatchPolicy");
    }

    private InferenceException rejected(String why) {
        return InferenceException.of(ErrorCategory.LOCAL_REJECTED)
                .endpoint(target)
                .message(target + ": " + why)
                .build();
    }

    /** Some have left their queue; true where others wait for that. */
    boolean dequeued(int items, long bytes) {
        queued.give(items, bytes);
        return parking.size() > 0;
    }

    void admitParked() {
        parking.admit();
    }

    void send(Batch<T> batch) {
        counts.left(batch);
        inFlight.incrementAndGet();
        sender.accept(batch);
    }

    void over() {
        inFlight.decrementAndGet();
    }

    /** What has gathered leaves as soon as slots let it. */
    public void flush() {
        long now = ticker.nanos();
        lanes.values().forEach(lane -> lane.flush(now));
    }

    /** From now on nothing waits for company. */
    public void close() {
        closing = true;
        flush();
    }

    boolean closing() {
        return closing;
    }

    public BatchCounts counts() {
        return counts;
    }

    /** How many kinds of items it knows. */
    int keys() {
        return lanes.size();
    }

    /** How many items wait. */
    public int queued() {
        return queued.requests() + parking.size();
    }

    /** How many batches have left and are not over. */
    public int inFlight() {
        return inFlight.get();
    }
}
