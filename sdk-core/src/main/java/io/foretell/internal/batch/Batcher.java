package io.foretell.internal.batch;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.internal.gate.Permits;
import io.foretell.internal.gate.Readings;
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
        long now = policy.linger().isZero() ? item.startNanos() : nowOr(item.startNanos()); // a reading is dear
        if (parking.size() == 0 && takePlace(item.bytes, now)) {
            enqueue(item, key, now, more);
        } else if (policy.whenFull() == WhenFull.WAIT) {
            parking.add(item, key);
            admitParked(); // room may just have been made
        } else if (sheds()) {
            queued.force(item.bytes);
            enqueue(item, key, now, more);
            shedOldest(now);
        } else {
            counts.reject();
            throw full("rejected", bytes);
        }
    }

    /** Looks at what has been added to all queues. */
    public void gather() {
        gather(nowOr(nextPurge.get()));
    }

    private void gather(long now) {
        lanes.values().forEach(lane -> lane.gather(now));
    }

    /** Of an item that has its place in the queues. */
    private void enqueue(T item, Object key, long now, boolean more) {
        Lane<T> lane = null;
        do {
            lane = lane(item, key, lane, now);
        } while (!lane.add(item, now, more));
    }

    /**
     * The lane of a key. Where there is none to be had, the item gives its place back.
     *
     * @param ended the lane it was before
     */
    private Lane<T> lane(T item, Object key, @Nullable Lane<T> ended, long now) {
        try {
            if (ended != null) {
                lanes.remove(key, ended);
                latest = null;
            }
            Lane<T> lane = latest; // most often that of the item before: then no hash of the key is needed
            if (lane == null || !lane.key.equals(key)) {
                lane = lanes.get(key);
                lane = lane == null ? makeLane(key, now) : lane;
                latest = lane;
            }
            return lane;
        } catch (Throwable fault) { // a key is code of the user's
            queued.give(1, item.bytes);
            throw fault;
        }
    }

    /** What is left to do for an item that has waited for its place, if it cannot be in the queues all the same. */
    private @Nullable Runnable admit(T item, Object key) {
        try {
            enqueue(item, key, nowOr(item.startNanos()), true);
            return null;
        } catch (InferenceException noRoom) {
            return () -> item.reject(noRoom);
        } catch (Throwable fault) {
            return () -> item.reject(InferenceException.of(ErrorCategory.CODEC)
                    .endpoint(target)
                    .message("batching failed: " + fault)
                    .cause(fault)
                    .build());
        }
    }

    long nowOr(long earlier) {
        return Readings.nowOr(earlier, ticker);
    }

    private Lane<T> makeLane(Object key, long now) {
        lanes.values().removeIf(lane -> lane.retire(IDLE_NANOS, now));
        if (lanes.size() >= MAX_LANES) {
            lanes.values().removeIf(lane -> lane.retire(0, now));
        }
        if (lanes.size() >= MAX_LANES) {
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
        gather(now); // what is to be gathered later may be the oldest
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
        long now = nowOr(nextPurge.get());
        if (parking.size() > 0) { // what fills the queues must not linger
            lanes.values().forEach(lane -> lane.flush(now));
        } else {
            gather(now);
        }
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
        long now = nowOr(nextPurge.get());
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
