package io.foretell.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.BatchPolicy.WhenFull;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Full queues: clauses B7 and B8. */
class OverflowTest {
    private static BatchPolicy.Builder narrow(WhenFull whenFull) {
        return BatchPolicy.builder().maxItems(2).maxQueuedItems(3).whenFull(whenFull);
    }

    private static BatchRig full(BatchPolicy.Builder policy) {
        BatchRig rig = BatchRig.of(policy);
        rig.addAll("1", "a", "b", "c"); // the first has left
        return rig;
    }

    private static InferenceException rejection(BatchRig rig, String name) {
        return catchThrowableOfType(InferenceException.class, () -> rig.add(name));
    }

    @Test
    void b7_reject_failsAtOnceAndSaysTheLimit() {
        BatchRig rig = full(narrow(WhenFull.REJECT));
        InferenceException error = rejection(rig, "d");
        assertThat(error.category()).isEqualTo(ErrorCategory.LOCAL_REJECTED);
        assertThat(error).hasMessageContaining("3 of at most 3");
        assertThat(rig.batcher.counts().rejected()).isEqualTo(1);
        rig.answer(0);
        rig.add("d");
        rig.answer(1);
        rig.answer(2);
        assertThat(rig.batches()).containsExactly("1", "ab", "cd");
        rig.assertAtRest();
    }

    @Test
    void b7_bytesOverAllKeys_areBounded() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder().maxQueuedBytes(100));
        rig.addAll("1");
        rig.add("2", "other", 1, BatchRig.TIMEOUT);
        rig.add("a", "key", 60, BatchRig.TIMEOUT);
        rig.add("b", "other", 40, BatchRig.TIMEOUT);
        assertThat(rejection(rig, "c")).hasMessageContaining("100 of at most 100 bytes");
    }

    @Test
    void b7_fullQueue_firstSendsTheOpenBatch() {
        BatchRig rig = BatchRig.of(narrow(WhenFull.REJECT).maxItems(10).linger(Duration.ofSeconds(1)));
        rig.addAll("a", "b", "c");
        assertThat(rig.batches()).isEmpty();
        rig.add("d");
        assertThat(rig.batches()).containsExactly("abc");
    }

    @Test
    void b7_itemsThatAreOver_makeRoom() {
        BatchRig rig = BatchRig.of(narrow(WhenFull.REJECT));
        rig.addAll("1", "a");
        rig.add("b").over = true;
        rig.addAll("c", "d");
        rig.answer(0);
        assertThat(rig.batches()).containsExactly("1", "ac");
    }

    @Test
    void b7_wait_comesInWhenThereIsRoomAndInOrder() {
        BatchRig rig = full(narrow(WhenFull.WAIT));
        rig.addAll("d", "e", "f");
        assertThat(rig.batcher.queued()).isEqualTo(6);
        rig.answer(0);
        rig.answer(1);
        rig.answer(2);
        rig.answer(3);
        assertThat(rig.batches()).containsExactly("1", "ab", "cd", "ef");
        rig.assertAtRest();
    }

    @Test
    void b7_waitAndLinger_whatFillsTheQueuesDoesNotLinger() {
        BatchRig rig =
                BatchRig.of(narrow(WhenFull.WAIT).maxItems(10).maxInFlight(10).linger(Duration.ofSeconds(1)));
        rig.addAll("a", "b", "c", "d");
        assertThat(rig.batches()).containsExactly("abc");
        rig.addAll("e", "f", "g");
        assertThat(rig.batches()).containsExactly("abc", "def");
    }

    @Test
    void b7_waitingItemsThatAreOver_areForgotten() {
        BatchRig rig = full(narrow(WhenFull.WAIT));
        for (int i = 0; i < 10_000; i++) {
            rig.add("x").over = true;
        }
        assertThat(rig.batcher.queued()).isLessThan(2_100);
        rig.add("d");
        rig.answer(0);
        rig.answer(1);
        assertThat(rig.batches()).containsExactly("1", "ab", "cd");
        rig.answer(2);
        rig.assertAtRest();
    }

    @Test
    void b6_waitedForRoomUntilItsDeadline_isNotSent() {
        BatchRig rig = full(narrow(WhenFull.WAIT));
        rig.add("d", "key", 1, Duration.ofMillis(100));
        rig.advanceMillis(100);
        rig.answer(0);
        rig.answer(1);
        rig.answer(2);
        assertThat(rig.batches()).containsExactly("1", "ab", "c");
        rig.assertAtRest();
    }

    @Test
    void b7_shedOldest_failsTheOneThatWaitedLongest() {
        BatchRig rig = BatchRig.of(narrow(WhenFull.SHED_OLDEST));
        rig.addAll("1");
        rig.add("2", "other", 1, BatchRig.TIMEOUT);
        rig.advanceMillis(1);
        BatchRig.Thing oldest = rig.add("a", "other", 1, BatchRig.TIMEOUT);
        rig.advanceMillis(1);
        rig.addAll("b", "c");
        assertThat(oldest.rejection).isNull();
        rig.add("d");
        assertThat(oldest.rejection).isNotNull();
        assertThat(oldest.rejection.category()).isEqualTo(ErrorCategory.LOCAL_REJECTED);
        rig.answer(0);
        rig.answer(1);
        rig.answer(2);
        rig.answer(3);
        assertThat(rig.batches()).containsExactly("1", "2", "bc", "d");
        rig.assertAtRest();
    }

    @Test
    void b7_shedOldestOfItemsAddedTogether_keepsTheBound() {
        BatchRig rig = BatchRig.of(narrow(WhenFull.SHED_OLDEST));
        for (int i = 0; i < 10; i++) {
            rig.batcher.add(rig.new Thing("x" + i, BatchRig.TIMEOUT), "key", 1, true);
        }
        rig.batcher.gather();
        assertThat(rig.batcher.queued()).isEqualTo(3);
        assertThat(rig.batcher.counts().rejected()).isEqualTo(5);
        assertThat(rig.sent).as("two have left at once").hasSize(1);
    }

    @Test
    void b8_keyThatThrows_givesItsPlaceBack() {
        BatchRig rig = BatchRig.of(narrow(WhenFull.REJECT));
        Object broken = new Object() {
            @Override
            public int hashCode() {
                throw new IllegalStateException("no hash");
            }
        };
        for (int i = 0; i < 100; i++) {
            assertThat(catchThrowableOfType(
                            IllegalStateException.class, () -> rig.add("x", broken, 1, BatchRig.TIMEOUT)))
                    .hasMessage("no hash");
        }
        assertThat(rig.batcher.queued()).isZero();
        rig.add("a");
        assertThat(rig.batches()).containsExactly("a");
    }

    @Test
    void b8_rejectedItem_leavesNothingBehind() {
        BatchRig rig = full(narrow(WhenFull.REJECT));
        for (int i = 0; i < 100; i++) {
            assertThat(rejection(rig, "x")).isNotNull();
        }
        rig.answer(0);
        rig.answer(1);
        rig.answer(2);
        rig.assertAtRest();
        rig.advanceMillis(61_000);
        rig.add("y", "other", 1, BatchRig.TIMEOUT);
        assertThat(rig.batcher.keys()).as("the lane could retire").isEqualTo(1);
    }
}
