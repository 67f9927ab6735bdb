package io.foretell.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.InferenceException;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.time.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A batcher on the test's thread and in its time; batches are held until the test ends them. */
final class BatchRig {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    final FakeClock clock = new FakeClock();
    final List<Batch<Thing>> sent = new ArrayList<>();
    final Batcher<Thing> batcher;

    BatchRig(BatchPolicy policy) {
        batcher = new Batcher<>(policy, "test", clock, clock, Runnable::run, sent::add);
    }

    BatchRig(BatchPolicy policy, Scheduler scheduler) {
        batcher = new Batcher<>(policy, "test", clock, scheduler, Runnable::run, sent::add);
    }

    static BatchRig of(BatchPolicy.Builder policy) {
        return new BatchRig(policy.build());
    }

    /** What was batched last, with its fate. */
    final class Thing extends Item {
        final String name;
        private final long start = clock.nanos();
        private final long deadline;
        boolean over;

        @Nullable
        InferenceException rejection;

        Thing(String name, Duration timeout) {
            this.name = name;
            this.deadline = start + TimeUnit.NANOSECONDS.convert(timeout);
        }

        @Override
        protected long startNanos() {
            return start;
        }

        @Override
        protected long deadlineNanos() {
            return deadline;
        }

        @Override
        protected boolean isOver() {
            return over;
        }

        @Override
        protected void reject(InferenceException why) {
            assertThat(rejection).isNull();
            rejection = why;
            over = true;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    Thing add(String name) {
        return add(name, "key", 1, TIMEOUT);
    }

    Thing add(String name, Object key, long bytes, Duration timeout) {
        Thing thing = new Thing(name, timeout);
        batcher.add(thing, key, bytes, false);
        return thing;
    }

    void addAll(String... names) {
        for (String name : names) {
            add(name);
        }
    }

    /** The names in each batch so far. */
    List<String> batches() {
        return sent.stream()
                .map(batch -> String.join(
                        "", batch.items().stream().map(Thing::toString).toList()))
                .toList();
    }

    Batch<Thing> last() {
        return sent.get(sent.size() - 1);
    }

    void answer(int batch) {
        sent.get(batch).over(Batch.End.ANSWERED);
    }

    void advanceMillis(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }

    void assertAtRest() {
        assertThat(clock.pendingTimers()).as("timers").isZero();
        assertThat(batcher.queued()).as("queued").isZero();
        assertThat(batcher.inFlight()).as("in flight").isZero();
    }
}
