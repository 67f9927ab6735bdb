package io.foretell.internal.gate;

import io.foretell.internal.gate.Gate.Outcome;
import io.foretell.internal.gate.Gate.Place;
import io.foretell.policy.LimitPolicy;
import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck runs three threads through many of their schedules. */
@Tag("scorecard")
class GateModelTest {
    @Test
    void permits_anySchedule_areLinearizable() {
        new ModelCheckingOptions()
                .logLevel(LoggingLevel.ERROR)
                .iterations(5)
                .invocationsPerIteration(40)
                .threads(3)
                .actorsPerThread(3)
                .checkObstructionFreedom(true)
                .check(PermitsModel.class);
    }

    @Test
    void queue_anySchedule_losesNobodyAndNoPermit() {
        new ModelCheckingOptions()
                .logLevel(LoggingLevel.ERROR)
                .iterations(5)
                .invocationsPerIteration(40)
                .threads(3)
                .actorsPerThread(3)
                .verifier(EpsilonVerifier.class)
                .check(QueueModel.class);
    }

    /** Each thread gives back what it took itself. */
    @Param(name = "thread", gen = ThreadIdGen.class)
    @Param(name = "bytes", gen = IntGen.class, conf = "1:12")
    public static class PermitsModel {
        private final Permits permits = new Permits(10);
        private final int[] held = new int[8];

        @Operation
        public boolean take(@Param(name = "bytes") int bytes, @Param(name = "thread") int thread) {
            if (held[thread] > 0 || !permits.take(bytes, 2)) {
                return false;
            }
            held[thread] = bytes;
            return true;
        }

        @Operation
        public void give(@Param(name = "thread") int thread) {
            if (held[thread] > 0) {
                permits.give(held[thread]);
                held[thread] = 0;
            }
        }

        @Operation
        public long bytes() {
            return permits.bytes();
        }
    }

    /** Who enters may leave at any time, on any thread; who waits may cancel. */
    public static class QueueModel {
        private static final int LIMIT = 1;
        private static final Deadline FAR = Deadline.afterNanos(Long.MAX_VALUE, Ticker.system());

        private final Queue<Runnable> timers = new ConcurrentLinkedQueue<>();
        private final Gate gate = new Gate(
                LimitPolicy.builder().maxInFlight(LIMIT).maxQueued(100).build(), "model", () -> 0, (task, delay) -> {
                    timers.add(task);
                    return () -> timers.remove(task);
                });
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger waiting = new AtomicInteger();
        private final Queue<Place> places = new ConcurrentLinkedQueue<>();

        @Operation
        public void enter() {
            if (gate.tryEnter(1)) {
                inside.incrementAndGet();
            }
        }

        @Operation
        public void enqueue() {
            waiting.incrementAndGet();
            places.add(gate.enqueue(1, FAR, this::granted));
        }

        private void granted() {
            waiting.decrementAndGet();
            inside.incrementAndGet();
        }

        @Operation
        public void cancel() {
            Place place = places.poll();
            if (place != null && place.cancel()) {
                waiting.decrementAndGet();
            }
        }

        @Operation
        public void leave() {
            int seen = inside.get();
            if (seen > 0 && inside.compareAndSet(seen, seen - 1)) {
                gate.leave(1, Outcome.SUCCESS, 1);
            }
        }

        @Operation
        public void runTimer() {
            Runnable task = timers.poll();
            if (task != null) {
                task.run();
            }
        }

        @Validate
        public void nobodyIsLost() {
            while (!timers.isEmpty()) {
                runTimer();
            }
            require(gate.inFlight() == inside.get() && inside.get() <= LIMIT, "permits are what is inside");
            require(gate.queued() == waiting.get(), "queued is who waits");
            require(waiting.get() == 0 || inside.get() == LIMIT, "nobody waits while there is room");
            while (inside.get() > 0) {
                leave();
            }
            require(waiting.get() == 0 && gate.inFlight() == 0, "all enter and leave in the end");
        }

        /** AssertJ's own objects do not bear what Lincheck does to them. */
        private static void require(boolean condition, String what) {
            if (!condition) {
                throw new AssertionError("not true: " + what);
            }
        }
    }
}
