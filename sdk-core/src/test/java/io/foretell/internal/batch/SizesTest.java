package io.foretell.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.policy.BatchPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Sizes that are learned: clauses B10 and B18, in a server's time that is made up. */
class SizesTest {
    private static final Duration OBJECTIVE = Duration.ofMillis(50);

    private final BatchRig rig = BatchRig.of(BatchPolicy.builder().maxItems(256).latencyObjective(OBJECTIVE));
    private int answered;

    /** A server that takes so long for each batch; there is always more to do. */
    private void serve(int batches, double fixedMillis, double millisAnItem) {
        for (int i = 0; i < batches; i++) {
            while (rig.batcher.queued() < 300) {
                rig.add("x");
            }
            double millis =
                    fixedMillis + millisAnItem * rig.sent.get(answered).items().size();
            rig.clock.advance(Duration.ofNanos((long) (millis * 1e6)));
            rig.answer(answered++);
        }
    }

    private int size() {
        return rig.last().items().size();
    }

    @Test
    void b18_sizeIsFound_withoutKnowingTheServer() {
        serve(200, 5, 0.5);
        assertThat(size()).isBetween(70, 90); // 90 would take all of the 50 ms
        serve(100, 5, 0.5);
        assertThat(size()).isBetween(70, 90);
    }

    @Test
    void b18_serverSlowsDown_sizeIsBackUnderTheObjectiveSoon() {
        serve(200, 5, 0.5);
        serve(50, 5, 1);
        assertThat(5 + size()).as("ms of a batch").isLessThanOrEqualTo(50);
    }

    @Test
    void b18_batchesThatAreNotFull_teachNothing() {
        for (int i = 0; i < 100; i++) {
            rig.add("x");
            rig.answer(i);
        }
        rig.add("x");
        for (int i = 0; i < 50; i++) {
            rig.add("y");
        }
        rig.answer(100);
        assertThat(size()).isLessThanOrEqualTo(3); // one item each time was full at first
    }

    @Test
    void b18_overload_shrinks() {
        serve(60, 5, 0.5);
        int before = size();
        while (rig.batcher.queued() < 300) {
            rig.add("x");
        }
        rig.sent.get(answered).over(Batch.End.OVERLOADED);
        assertThat(size()).isLessThan(before);
    }

    @Test
    void b10_tooLarge_isRememberedAndGrowsAgainSlowly() {
        BatchRig sized = BatchRig.of(BatchPolicy.builder().maxItems(64).maxBytes(1_000_000));
        sized.addAll("1");
        for (int i = 0; i < 200; i++) {
            sized.add("x", "key", 300, BatchRig.TIMEOUT);
        }
        sized.answer(0);
        sized.last().tooLarge(64, 64 * 300);
        sized.last().tooLarge(4, 4 * 300);
        sized.answer(1);
        assertThat(size(sized)).isEqualTo(2);
        for (int i = 2; i < 12; i++) {
            sized.answer(i);
        }
        assertThat(size(sized)).isEqualTo(3);
    }

    private static int size(BatchRig rig) {
        return rig.last().items().size();
    }
}
