package io.foretell.scorecard;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The books of a row's calls: each is entered once and must end once. {@link #balance} holds them against what the server
 * counted. Lock-free, so it stands in nobody's way.
 *
 * <p>A call's number is the caller's, from 0. For the client of ours also add {@link #listener()} to each of its
 * predictors: it counts the attempts, and ends that are told twice, which a future hides.
 */
public final class Ledger {
    /** For what follows within moments of the last call's end. */
    private static final Duration MOMENT = Duration.ofSeconds(10);

    private final Duration guard;
    private final Duration moment;
    private final AtomicReferenceArray<Outcome> outcomes;
    private final AtomicReferenceArray<Throwable> errors;
    private final LongAdder accepted = new LongAdder();
    private final AtomicInteger open = new AtomicInteger();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final List<Rest> rests = new ArrayList<>();

    private record Rest(String what, LongSupplier left) {}

    /** Books for this many calls. */
    public Ledger(int calls) {
        this(calls, Scorecard.GUARD, MOMENT);
    }

    Ledger(int calls, Duration guard, Duration moment) {
        this.guard = guard;
        this.moment = moment;
        outcomes = new AtomicReferenceArray<>(calls);
        errors = new AtomicReferenceArray<>(calls);
    }

    /** How many calls it has room for. */
    public int calls() {
        return outcomes.length();
    }

    /** Enters a call by the future of its result, which is handed back. */
    public <T> CompletableFuture<T> enter(int call, CompletableFuture<T> result) {
        accepted.increment();
        open.incrementAndGet();
        result.whenComplete((value, error) -> {
            errors.set(call, Outcome.cause(error));
            outcomes.set(call, Outcome.of(error));
            open.decrementAndGet();
        });
        return result;
    }

    /** For one predictor that makes no other calls than the entered ones: a second needs a listener of its own. */
    public CallListener listener() {
        Listener listener = new Listener(calls());
        listeners.add(listener);
        return listener;
    }

    /** Waits for all calls entered so far to end, for as long as a guard allows. */
    public Ledger settle() {
        Eventually.holds(() -> open.get() == 0, guard);
        return this;
    }

    /** Something that has to be back to zero at the end, such as permits or timers. */
    public Ledger atRest(String what, LongSupplier left) {
        rests.add(new Rest(what, left));
        return this;
    }

    /** How the call ended; null while it has not. */
    public Outcome outcome(int call) {
        return outcomes.get(call);
    }

    /** How many of the calls from one number to before another ended in this way. */
    public long count(Outcome outcome, int from, int to) {
        long count = 0;
        for (int call = from; call < to; call++) {
            count += outcomes.get(call) == outcome ? 1 : 0;
        }
        return count;
    }

    /** How many of all calls ended in this way. */
    public long count(Outcome outcome) {
        return count(outcome, 0, calls());
    }

    /** How many calls failed with this category. */
    public long count(ErrorCategory category) {
        long count = 0;
        for (int call = 0; call < calls(); call++) {
            count += errors.get(call) instanceof InferenceException e && e.category() == category ? 1 : 0;
        }
        return count;
    }

    /** Why the call failed; null if it did not. */
    public Throwable error(int call) {
        return errors.get(call);
    }

    /** How many attempts the listeners were told of. */
    public long attempts() {
        return listeners.stream().mapToLong(listener -> listener.attempts.sum()).sum();
    }

    /**
     * Waits for all calls to end and enters into the row that none is lost or doubled, that what has to be is at rest,
     * and, where there are listeners, that starts and ends pair and attempts are what the server counted.
     *
     * @param requests how many the server has counted
     */
    public Ledger balance(Row row, LongSupplier requests) {
        ends(row);
        if (!listeners.isEmpty()) {
            boolean even = Eventually.holds(() -> attempts() == requests.getAsLong(), moment);
            row.judge("attempts = requests", attempts() + " attempts, " + requests.getAsLong() + " requests", even);
        }
        return this;
    }

    /** {@link #balance} for a fault that keeps requests from the server: without what it has counted. */
    Ledger ends(Row row) {
        settle();
        long lost = accepted.sum() - ended();
        row.judge("0 lost", accepted.sum() + " calls, " + lost + " lost", lost == 0);
        if (!listeners.isEmpty()) {
            long unpaired = Eventually.counts(0, this::unpaired, moment);
            row.judge(
                    "0 doubled, 0 without end",
                    doubled() + " doubled, " + unpaired + " without end",
                    doubled() == 0 && unpaired == 0);
        }
        rests.forEach(rest -> row.exactly(rest.what, 0, Eventually.counts(0, rest.left, moment)));
        return this;
    }

    /** The most attempts that the listeners were told of for one request. */
    public long mostAttempts() {
        return listeners.stream()
                .mapToLong(listener -> listener.mostAttempts.get())
                .max()
                .orElse(0);
    }

    private long ended() {
        return Arrays.stream(Outcome.values()).mapToLong(this::count).sum();
    }

    private long unpaired() {
        return listeners.stream().mapToLong(listener -> listener.unpaired.get()).sum();
    }

    private long doubled() {
        return listeners.stream().mapToLong(listener -> listener.doubled.sum()).sum();
    }

    private static final class Listener extends CallListener {
        private final AtomicIntegerArray ends;
        private final LongAdder doubled = new LongAdder();
        private final LongAdder attempts = new LongAdder();
        private final LongAccumulator mostAttempts = new LongAccumulator(Math::max, 0);
        private final AtomicInteger unpaired = new AtomicInteger();

        Listener(int calls) {
            ends = new AtomicIntegerArray(calls + 1);
        }

        @Override
        public void callStarted(CallEvent event) {
            unpaired.incrementAndGet();
        }

        @Override
        public void callEnded(CallEvent event) {
            unpaired.decrementAndGet();
            if (ends.getAndIncrement((int) event.id()) > 0) {
                doubled.increment();
            }
        }

        @Override
        public void attemptStarted(CallEvent event) {
            unpaired.incrementAndGet();
            attempts.increment();
            mostAttempts.accumulate(event.attempt());
        }

        @Override
        public void attemptEnded(CallEvent event) {
            unpaired.decrementAndGet();
        }
    }
}
