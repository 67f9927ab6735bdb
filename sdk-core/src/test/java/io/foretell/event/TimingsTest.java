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
    void builder_onceBuilt_startsAnew() {
        Timings.Builder builder = new Timings.Builder().set(Phase.SEND, 1).set(Phase.WAIT, -1);
        Timings first = builder.build();
        Timings second = builder.set(Phase.CALL, 4).build();

        assertThat(first.nanos(Phase.SEND)).isEqualTo(1);
        assertThat(first.nanos(Phase.WAIT)).isEqualTo(-1);
        assertThat(first.nanos(Phase.CALL)).isEqualTo(-1);
        assertThat(second.nanos(Phase.SEND)).isEqualTo(-1);
        assertThat(second.nanos(Phase.CALL)).isEqualTo(4);
    }
}
