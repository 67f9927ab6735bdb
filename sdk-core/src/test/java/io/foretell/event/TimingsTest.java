package io.foretell.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimingsTest {
    @Test
    void phasesNotReported_areMinusOne() {
        for (Phase phase : Phase.values()) {
            assertThat(Timings.none().nanos(phase)).isEqualTo(-1);
        }
        assertThat(Timings.none()).hasToString("");
    }

    @Test
    void with_setsOnePhaseOfACopy() {
        Timings timings = Timings.none().with(Phase.SEND, 0).with(Phase.WAIT, 2_500_000);

        assertThat(timings.nanos(Phase.SEND)).isZero();
        assertThat(timings.with(Phase.WAIT, -1)).isSameAs(timings);
        assertThat(timings).hasToString("send 0.0 ms, wait 2.5 ms");
        assertThat(Timings.none().nanos(Phase.SEND)).isEqualTo(-1);
    }

    @Test
    void merged_theOthersPhasesWin() {
        Timings a = Timings.none().with(Phase.SEND, 1).with(Phase.WAIT, 2);
        Timings merged = a.with(Timings.none().with(Phase.WAIT, 3).with(Phase.CALL, 4));

        assertThat(merged.nanos(Phase.SEND)).isEqualTo(1);
        assertThat(merged.nanos(Phase.WAIT)).isEqualTo(3);
        assertThat(merged.nanos(Phase.CALL)).isEqualTo(4);
    }
}
