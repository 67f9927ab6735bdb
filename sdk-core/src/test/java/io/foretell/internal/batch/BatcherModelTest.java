package io.foretell.internal.batch;

import io.foretell.error.InferenceException;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import io.foretell.time.Scheduler;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.jetbrains.lincheck.util.LoggingLevel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck runs three threads through many of their schedules. */
@Tag("scorecard")
class BatcherModelTest {
    private static void check(Class<?> model) {
        new ModelCheckingOptions()
                .logLevel(LoggingLevel.ERROR)
                .iterations(5)
                .invocationsPerIteration(40)
                .threads(3)
                .actorsPerThread(3)
                .verifier(EpsilonVerifier.class)
                .check(model);
    }

    @Test
    void slots_anySchedule_losesNoItem() {
        check(SlotModel.class);
    }

    @Test
    void lingerAndClose_anySchedule_losesNoItemAndNoTimer() {
        check(LingerModel.class);
    }

    @Test
    void waitingForRoom_anySchedule_losesNoItem() {
        check(WaitModel.class);
    }

    /** Adds, answers, cancels, flushes and closes at any time; in the end each item has left once or was over. */
    public abstract static class Model {
        private final Queue<Runnable> timers = new ConcurrentLinkedQueue<>();
        private final Scheduler scheduler = (task, delay) -> {
            timers.add(task);
            return () -> timers.remove(task);
        };
        private final Queue<Batch<Thing>> out = new ConcurrentLinkedQueue<>();
        private final Queue<Thing> things = new ConcurrentLinkedQueue<>();
        private final AtomicInteger accepted = new AtomicInteger();
        private final AtomicInteger left = new AtomicInteger();
        private final Batcher<Thing> batcher;

        Model(BatchPolicy policy) {
            batcher = new Batcher<>(policy, "model", () -> 0, scheduler, Runnable::run, batch -> {
                batch.items().forEach(item -> item.leaves.incrementAndGet());
                left.addAndGet(batch.items().size());
                out.add(batch);
            });
        }

        @Operation
        public void add() {
            Thing thing = new Thing();
            try {
                batcher.add(thing, "key", 1, false);
                accepted.incrementAndGet();
                things.add(thing);
            } catch (InferenceException full) {
                require(thing.leaves.get() == 0, "what is refused does not leave");
            }
        }

        @Operation
        public void answer() {
            Batch<Thing> batch = out.poll();
            if (batch != null) {
                batch.over(Batch.End.ANSWERED);
            }
        }

        @Operation
        public void cancel() {
            Thing thing = things.peek();
            if (thing != null) {
                thing.over = true;
            }
        }

        @Operation
        public void flush() {
            batcher.flush();
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
            batcher.close();
            while (!out.isEmpty()) {
                answer();
            }
            require(batcher.queued() == 0 && batcher.inFlight() == 0, "nothing waits and nothing is out");
            require(timers.isEmpty(), "no timer is left");
            for (Thing thing : things) {
                int leaves = thing.leaves.get();
                require(leaves == 1 || leaves == 0 && thing.over, "each leaves once, or was over");
            }
            require(left.get() <= accepted.get(), "only what was accepted leaves");
        }

        /** AssertJ's own objects do not bear what Lincheck does to them. */
        private static void require(boolean condition, String what) {
            if (!condition) {
                throw new AssertionError("not true: " + what);
            }
        }
    }

    public static class SlotModel extends Model {
        public SlotModel() {
            super(BatchPolicy.builder().maxItems(2).build());
        }
    }

    public static class LingerModel extends Model {
        public LingerModel() {
            super(BatchPolicy.builder()
                    .maxItems(2)
                    .linger(Duration.ofSeconds(1))
                    .maxInFlight(2)
                    .build());
        }
    }

    public static class WaitModel extends Model {
        public WaitModel() {
            super(BatchPolicy.builder()
                    .maxItems(1)
                    .maxQueuedItems(1)
                    .whenFull(WhenFull.WAIT)
                    .build());
        }
    }

    static final class Thing extends Item {
        final AtomicInteger leaves = new AtomicInteger();
        volatile boolean over;

        @Override
        protected long startNanos() {
            return 0;
        }

        @Override
        protected long deadlineNanos() {
            return 3_600_000_000_000L;
        }

        @Override
        protected boolean isOver() {
            return over;
        }

        @Override
        protected void reject(InferenceException why) {
            over = true;
        }
    }
}
