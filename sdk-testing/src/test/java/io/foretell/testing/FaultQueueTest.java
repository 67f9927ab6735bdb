package io.foretell.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultQueueTest {
    private static final Fault QUEUED = Fault.status("503", "queued");
    private static final Fault PLANNED = Fault.status("503", "planned");
    private static final Fault OTHER = Fault.delay(Duration.ofMillis(10));

    private final FaultQueue faults = new FaultQueue();

    @Test
    void plan_comesAfterTheQueue() {
        faults.plan(request -> request == 1 ? PLANNED : null);
        faults.add(QUEUED.times(2));

        assertThat(next(5)).containsExactly(QUEUED.times(2), QUEUED.times(2), null, PLANNED, null);
    }

    @Test
    void plan_inPlaceOfAnother_countsRequestsAnew() {
        faults.plan(request -> request == 0 ? PLANNED : null);
        assertThat(next(2)).containsExactly(PLANNED, null);

        faults.plan(request -> request == 0 ? OTHER : null);

        assertThat(next(2)).containsExactly(OTHER, null);
    }

    @Test
    void random_ofTheSameSeed_choosesTheSameRequestsInItsShare() {
        faults.plan(FaultPlan.random(0.05, PLANNED, 17).orElse(OTHER));
        List<Fault> first = next(10_000);
        faults.plan(FaultPlan.random(0.05, PLANNED, 17).orElse(OTHER));

        assertThat(next(10_000)).isEqualTo(first).containsOnly(PLANNED, OTHER);
        assertThat(first.stream().filter(PLANNED::equals).count()).isBetween(400L, 600L);
    }

    @Test
    void random_ofNoProbability_isRefused() {
        for (double probability : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> FaultPlan.random(probability, PLANNED, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("probability not from 0 to 1: " + probability);
        }
    }

    private List<Fault> next(int requests) {
        return IntStream.range(0, requests).mapToObj(i -> faults.next()).toList();
    }
}
