package io.foretell.scorecard;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Issues calls at a fixed rate, whatever becomes of those before: an outage does not slow the load down, and a client
 * that stalls does not hide it. Call {@code i} is meant to start at {@code i / rate}, and that is where its latency
 * counts from, however late it really started. Runs once, on the calling thread.
 */
public final class OpenLoad {
    /** Beyond it the generator is what was measured. */
    private static final Duration MAX_LAG = Duration.ofMillis(2);

    private static final long MAX_NANOS = Duration.ofMinutes(10).toNanos();
    private static final int DIGITS = 3;

    private final int perSecond;
    private final int calls;
    private final Map<Outcome, Histogram> latencies = new EnumMap<>(Outcome.class);
    private final Histogram lags = histogram();
    private final Histogram hands = histogram();
    private final LongAdder completed = new LongAdder();
    private int sent;

    private OpenLoad(int perSecond, int calls) {
        this.perSecond = perSecond;
        this.calls = calls;
        for (Outcome outcome : Outcome.values()) {
            latencies.put(outcome, histogram());
        }
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(MAX_NANOS, DIGITS);
    }

    /** So many calls a second for so long. */
    public static OpenLoad of(int perSecond, Duration duration) {
        return new OpenLoad(perSecond, Math.toIntExact(perSecond * duration.toMillis() / 1000));
    }

    /** How many calls it issues. */
    public int calls() {
        return calls;
    }

    /** The number of the first call that is meant to start at or after this time. */
    public int callAt(Duration sinceStart) {
        return (int) Math.min(calls, (sinceStart.toNanos() * perSecond + 999_999_999L) / 1_000_000_000L);
    }

    /** Issues the calls and enters them; returns when the last is issued. The ledger's balance waits for their ends. */
    public OpenLoad run(Ledger ledger, IntFunction<? extends CompletableFuture<?>> call) {
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long intended = start + i * 1_000_000_000L / perSecond;
            waitUntil(intended);
            long begun = System.nanoTime();
            record(lags, begun - intended);
            CompletableFuture<?> result = issued(call, i);
            record(hands, System.nanoTime() - begun);
            sent++;
            result.whenComplete((value, error) -> {
                record(latencies.get(Outcome.of(error)), System.nanoTime() - intended);
                completed.increment();
            });
            ledger.enter(i, result);
        }
        return this;
    }

    private static void waitUntil(long instant) {
        for (long left = instant - System.nanoTime(); left > 0; left = instant - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static CompletableFuture<?> issued(IntFunction<? extends CompletableFuture<?>> call, int i) {
        try {
            return call.apply(i);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.max(0, Math.min(nanos, MAX_NANOS)));
    }

    /** From the intended start to the end, of the calls that ended in this way. */
    public Duration latency(Outcome outcome, double percentile) {
        return Duration.ofNanos(latencies.get(outcome).getValueAtPercentile(percentile));
    }

    /** From the intended start to the end, of all calls. */
    public Duration latency(double percentile) {
        Histogram all = histogram();
        latencies.values().forEach(all::add);
        return Duration.ofNanos(all.getValueAtPercentile(percentile));
    }

    /** How long the calling thread was kept by a call before it had the future. */
    public Duration handover(double percentile) {
        return Duration.ofNanos(hands.getValueAtPercentile(percentile));
    }

    /** Enters into the row how the load went; a generator that lags makes the row late. */
    public OpenLoad report(Row row) {
        row.measured("offered", perSecond + "/s").measured("sent", sent).measured("completed", completed.sum());
        row.measured("hand-over p50", handover(50)).measured("p99", handover(99));
        row.within("generator's lag p99", MAX_LAG, Duration.ofNanos(lags.getValueAtPercentile(99)));
        return this;
    }
}
