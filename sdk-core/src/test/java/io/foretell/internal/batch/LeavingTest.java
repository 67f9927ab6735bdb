package io.foretell.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.event.BatchEvent.Reason;
import io.foretell.policy.BatchPolicy;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** When a batch leaves: clauses B3 to B6, B15, B16. */
class LeavingTest {
    private static BatchPolicy.Builder lingering() {
        return BatchPolicy.builder().maxItems(4).linger(Duration.ofSeconds(1)).maxInFlight(2);
    }

    @Test
    void b3_itemThatFillsIt_leavesAtOnceWithIt() {
        BatchRig rig = BatchRig.of(lingering());
        rig.addAll("a", "b", "c");
        assertThat(rig.batches()).isEmpty();
        rig.add("d");
        assertThat(rig.batches()).containsExactly("abcd");
        assertThat(rig.last().reason()).isEqualTo(Reason.ITEMS);
        rig.answer(0);
        rig.assertAtRest();
    }

    @Test
    void b3_bytesReachedExactly_leavesAtOnceWithTheItem() {
        BatchRig rig = BatchRig.of(lingering().maxBytes(100));
        rig.add("a", "key", 60, BatchRig.TIMEOUT);
        rig.add("b", "key", 40, BatchRig.TIMEOUT);
        assertThat(rig.batches()).containsExactly("ab");
        assertThat(rig.last().reason()).isEqualTo(Reason.BYTES);
        assertThat(rig.last().bytes()).isEqualTo(100);
    }

    @Test
    void b3_itemThatDoesNotFit_sendsTheOthersAndBeginsTheNext() {
        BatchRig rig = BatchRig.of(lingering().maxBytes(100));
        rig.add("a", "key", 60, BatchRig.TIMEOUT);
        rig.add("b", "key", 41, BatchRig.TIMEOUT);
        assertThat(rig.batches()).containsExactly("a");
        rig.advanceMillis(1_000);
        assertThat(rig.batches()).containsExactly("a", "b");
    }

    @Test
    void b7_itemLargerThanABatch_goesAlone() {
        BatchRig rig = BatchRig.of(lingering().maxBytes(100));
        rig.add("a", "key", 1, BatchRig.TIMEOUT);
        rig.add("B", "key", 500, BatchRig.TIMEOUT);
        assertThat(rig.batches()).containsExactly("a", "B");
    }

    @Test
    void b4_linger_countsFromTheFirstItem() {
        BatchRig rig = BatchRig.of(lingering());
        rig.add("a");
        rig.advanceMillis(900);
        rig.add("b");
        rig.advanceMillis(99);
        assertThat(rig.batches()).isEmpty();
        rig.advanceMillis(1);
        assertThat(rig.batches()).containsExactly("ab");
        assertThat(rig.last().reason()).isEqualTo(Reason.LINGER);
    }

    @Test
    void b4_openBatch_hasOneTimerThatLeavesWithIt() {
        BatchRig rig = BatchRig.of(lingering());
        rig.addAll("a", "b", "c");
        assertThat(rig.clock.pendingTimers()).isEqualTo(1);
        rig.add("d");
        assertThat(rig.clock.pendingTimers()).isZero();
        rig.add("e");
        rig.advanceMillis(500);
        assertThat(rig.batches()).as("no tick of the first batch").containsExactly("abcd");
    }

    @Test
    void b5_idleClient_waitsForNothing() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder());
        rig.add("a");
        assertThat(rig.batches()).containsExactly("a");
        assertThat(rig.last().reason()).isEqualTo(Reason.SLOT);
        assertThat(rig.clock.pendingTimers()).isZero();
    }

    @Test
    void b5_slotBusy_itemsGatherAndTheFreeSlotTakesThem() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder().maxItems(3));
        rig.addAll("a", "b", "c", "d", "e");
        assertThat(rig.batches()).containsExactly("a");
        rig.answer(0);
        assertThat(rig.batches()).containsExactly("a", "bcd");
        rig.answer(1);
        assertThat(rig.batches()).containsExactly("a", "bcd", "e");
        rig.answer(2);
        rig.assertAtRest();
    }

    @Test
    void b5_severalSlots_areUsedAtOnce() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder().maxInFlight(2));
        rig.addAll("a", "b", "c", "d");
        assertThat(rig.batches()).containsExactly("a", "b");
        rig.answer(1);
        assertThat(rig.batches()).containsExactly("a", "b", "cd");
    }

    @Test
    void b6_deadlineNearerThanTheLinger_leavesTimeForTheAnswer() {
        BatchRig rig = BatchRig.of(lingering().maxInFlight(1));
        rig.addAll("1", "2", "3", "4");
        rig.advanceMillis(10);
        rig.answer(0); // so 10 ms are usual, and 4 times half of it is allowed for
        rig.add("a", "key", 1, Duration.ofMillis(100));
        rig.advanceMillis(68);
        assertThat(rig.batches()).hasSize(1);
        rig.advanceMillis(1);
        assertThat(rig.batches()).containsExactly("1234", "a");
        assertThat(rig.last().reason()).isEqualTo(Reason.DEADLINE);
    }

    @Test
    void b6_nothingKnownOfTheServer_leavesHalfTheTime() {
        BatchRig rig = BatchRig.of(lingering());
        rig.add("a", "key", 1, Duration.ofMillis(100));
        rig.advanceMillis(49);
        assertThat(rig.batches()).containsExactly("a");
    }

    @Test
    void b6_cancelledAndExpired_areNeverSent() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder());
        rig.add("a");
        BatchRig.Thing cancelled = rig.add("b");
        rig.add("c", "key", 1, Duration.ofMillis(5));
        rig.add("d");
        cancelled.over = true;
        rig.advanceMillis(5);
        rig.answer(0);
        assertThat(rig.batches()).containsExactly("a", "d");
        rig.answer(1);
        rig.assertAtRest();
    }

    @Test
    void b6_nobodyLeft_isNotSent() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder());
        rig.add("a");
        rig.add("b").over = true;
        rig.answer(0);
        assertThat(rig.batches()).containsExactly("a");
        rig.assertAtRest();
    }

    @Test
    void b6_cancelledInALingeringBatch_doNotFillIt() {
        BatchRig rig = BatchRig.of(lingering());
        rig.add("a").over = true;
        rig.addAll("b", "c", "d");
        assertThat(rig.batches()).isEmpty();
        rig.add("e");
        assertThat(rig.batches()).containsExactly("bcde");
    }

    @Test
    void b15_keys_neverMix() {
        BatchRig rig = BatchRig.of(lingering());
        for (int i = 0; i < 8; i++) {
            rig.add("a", i % 2 == 0 ? "even" : "odd", 1, BatchRig.TIMEOUT);
        }
        assertThat(rig.sent).hasSize(2).allMatch(batch -> batch.items().size() == 4);
    }

    @Test
    void b15_idleKeys_areForgotten() {
        BatchRig rig = BatchRig.of(BatchPolicy.builder());
        for (int i = 0; i < 5_000; i++) {
            rig.add("a", "key " + i, 1, BatchRig.TIMEOUT);
            rig.answer(i);
        }
        assertThat(rig.batcher.keys()).isLessThanOrEqualTo(1_000);
        rig.advanceMillis(61_000);
        rig.add("a", "one more", 1, BatchRig.TIMEOUT);
        assertThat(rig.batcher.keys()).isEqualTo(1);
    }

    @Test
    void b14_flush_sendsWhatHasGatheredAndNoMore() {
        BatchRig rig = BatchRig.of(lingering());
        rig.addAll("a", "b");
        rig.batcher.flush();
        assertThat(rig.batches()).containsExactly("ab");
        assertThat(rig.last().reason()).isEqualTo(Reason.FLUSH);
        rig.add("c");
        assertThat(rig.batches()).containsExactly("ab");
    }

    @Test
    void b14_flushWhileSlotsAreBusy_sendsAsSoonAsOneIsFree() {
        BatchRig rig = BatchRig.of(lingering().maxInFlight(1).maxItems(2));
        rig.addAll("1", "2", "a");
        rig.batcher.flush();
        rig.answer(0);
        assertThat(rig.batches()).containsExactly("12", "a");
    }

    @Test
    void b14_close_sendsPartialBatches() {
        BatchRig rig = BatchRig.of(lingering());
        rig.addAll("a");
        rig.batcher.close();
        assertThat(rig.batches()).containsExactly("a");
        assertThat(rig.last().reason()).isEqualTo(Reason.CLOSE);
        rig.answer(0);
        rig.assertAtRest();
    }

    @Test
    void timers_throwWhenCancelled_queueGoesOn() {
        BatchRig rig = new BatchRig(lingering().build(), (task, delay) -> () -> {
            throw new IllegalStateException("no cancel");
        });
        rig.addAll("a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(rig.batches()).containsExactly("abcd", "efgh");
    }

    @Test
    void b14_closeWhileTheTickerThrows_sendsWhatHasGathered() {
        AtomicBoolean broken = new AtomicBoolean();
        BatchRig rig = BatchRig.of(lingering());
        List<Batch<BatchRig.Thing>> sent = new ArrayList<>();
        Ticker moody = () -> {
            if (broken.get()) {
                throw new IllegalStateException("no time");
            }
            return rig.clock.nanos();
        };
        Batcher<BatchRig.Thing> batcher =
                new Batcher<>(lingering().build(), "test", moody, rig.clock, Runnable::run, sent::add);
        batcher.add(rig.new Thing("a", BatchRig.TIMEOUT), "key", 1, false);
        broken.set(true);
        batcher.close();
        assertThat(sent).hasSize(1);
    }

    @Test
    void timers_refused_leavesAtOnce() {
        BatchRig rig = new BatchRig(lingering().build(), (task, delay) -> {
            throw new IllegalStateException("no timers");
        });
        rig.add("a");
        assertThat(rig.batches()).containsExactly("a");
    }
}
