package io.foretell.scorecard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The traps are there in the release that the scorecard runs against: else the anchors' column would tell old tales. */
@Tag("scorecard")
@Timeout(60)
class GaxBatcherTrapsTest {
    @Test
    void fullBatch_waitsForTheTimer() {
        Duration linger = Duration.ofMillis(300);
        assertThat(GaxBatcherTraps.fullBatchWaits(4, linger)).isGreaterThan(linger.dividedBy(2));
    }

    @Test
    void missingAnswer_hangs() throws InterruptedException {
        assertThat(GaxBatcherTraps.missingAnswer()).isEqualTo(new GaxBatcherTraps.Left(1, false, true));
    }

    @Test
    void itemThatCannotBeEncoded_keepsItsPermit() throws InterruptedException {
        assertThat(GaxBatcherTraps.goodItemsRefused(10)).isZero();
        assertThat(GaxBatcherTraps.refusedAfterBadItems()).isEqualTo(100);
    }

    @Test
    void flushInACallback_hangs() throws InterruptedException {
        assertThat(GaxBatcherTraps.returnsFromFlushInACallback()).isFalse();
    }
}
