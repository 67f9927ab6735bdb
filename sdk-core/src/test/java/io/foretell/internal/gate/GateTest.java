package io.foretell.internal.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.foretell.error.ErrorCategory;
import io.foretell.error.RejectedException;
import io.foretell.internal.gate.Gate.Outcome;
import io.foretell.internal.gate.Gate.Place;
import io.foretell.policy.LimitPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateTest {
    private final FakeClock clock = new FakeClock();
    private final List<String> granted = new ArrayList<>();
    private final Deadline far = Deadline.after(Duration.ofHours(1), clock);

    @Test
    void gate_upToTheLimit_letsInAtOnce() {
        Gate gate = gate(LimitPolicy.builder().maxInFlight(2));

        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(1)).isFalse();
        leave(gate, 1);
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.inFlight()).isEqualTo(2);
        assertThat(gate.limit()).isEqualTo(2);
    }

    @Test
    void bytes_upToTheLimit_letInAtOnce() {
        Gate gate = gate(LimitPolicy.builder().maxInFlightBytes(100));

        assertThat(gate.tryEnter(60)).isTrue();
        assertThat(gate.tryEnter(41)).isFalse();
        assertThat(gate.tryEnter(40)).isTrue();
        assertThat(gate.tryEnter(0)).isTrue();
    }

    @Test
    void request_largerThanAllBytes_goesAlone() {
        Gate gate = gate(LimitPolicy.builder().maxInFlightBytes(100));
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(101)).isFalse();
        enqueue(gate, 101, "large");

        leave(gate, 1);
        enqueue(gate, 1, "small");

        assertThat(granted).containsExactly("large");
        leave(gate, 101);
        assertThat(granted).containsExactly("large", "small");
    }

    @Test
    void waiting_placesFreed_areGrantedInOrder() {
        Gate gate = full();
        enqueue(gate, 1, "a");
        Place b = enqueue(gate, 1, "b");
        enqueue(gate, 1, "c");
        assertThat(gate.tryEnter(1)).isFalse();
        assertThat(gate.queued()).isEqualTo(3);

        assertThat(b.cancel()).isTrue();
        assertThat(b.cancel()).isFalse();
        leave(gate, 1);
        leave(gate, 1);

        assertThat(granted).containsExactly("a", "c");
        assertThat(gate.queued()).isZero();
        assertThat(gate.inFlight()).isEqualTo(1);
    }

    @Test
    void place_alreadyGranted_cannotBeCancelled() {
        Gate gate = full();
        Place place = enqueue(gate, 1, "a");

        leave(gate, 1);

        assertThat(place.cancel()).isFalse();
        assertThat(gate.inFlight()).isEqualTo(1);
    }

    @Test
    void place_freedBeforeEnqueue_isGrantedByTheSchedulerAndNotWithin() {
        Gate gate = gate(LimitPolicy.builder().maxInFlight(1));

        enqueue(gate, 1, "a");

        assertThat(granted).isEmpty();
        clock.advance(Duration.ZERO);
        assertThat(granted).containsExactly("a");
    }

    @Test
    void largeHead_cancelled_letsTheSmallBehindItPass() {
        Gate gate = gate(LimitPolicy.builder().maxInFlightBytes(100));
        assertThat(gate.tryEnter(60)).isTrue();
        Place large = enqueue(gate, 60, "large");
        enqueue(gate, 40, "small");

        assertThat(large.cancel()).isTrue();
        clock.advance(Duration.ZERO);

        assertThat(granted).containsExactly("small");
    }

    @Test
    void queue_fullOfBytes_refusesUntilSomeAreFreed() {
        Gate gate = gate(LimitPolicy.builder().maxInFlightBytes(100));
        assertThat(gate.tryEnter(100)).isTrue();
        Place first = enqueue(gate, 60, "first");
        enqueue(gate, 40, "second");

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> enqueue(gate, 1, "third"))
                .withMessageContaining("and 2 of at most 1000 requests and 100 of at most 100 bytes wait");

        assertThat(first.cancel()).isTrue();
        enqueue(gate, 60, "fourth");
        leave(gate, 100);
        assertThat(granted).containsExactly("second", "fourth");
    }

    @Test
    void queue_fullBehindARate_namesTheRate() {
        Gate gate = gate(LimitPolicy.builder().ratePerSecond(10).maxQueued(0));
        assertThat(gate.tryEnter(1)).isTrue();

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> enqueue(gate, 1, "a"))
                .withMessageContaining("are in flight, 1 per 100.0 ms may start, and 0 of at most 0 requests");
    }

    @Test
    void queue_full_refusesByNameLimitAndValue() {
        Gate gate = new Gate(
                LimitPolicy.builder()
                        .maxInFlight(1)
                        .maxQueued(1)
                        .maxInFlightBytes(64)
                        .build(),
                "models.example:8500",
                clock,
                clock);
        assertThat(gate.tryEnter(10)).isTrue();
        enqueue(gate, 1, "a");

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> enqueue(gate, 1, "b"))
                .withMessage("endpoint models.example:8500: 1 of at most 1 requests and 10 of at most 64 bytes are in"
                        + " flight, and 1 of at most 1 requests and 1 of at most 64 bytes wait: send less, add"
                        + " endpoints, or raise the limits of LimitPolicy")
                .matches(refused -> refused.category() == ErrorCategory.LOCAL_REJECTED)
                .matches(refused -> "models.example:8500".equals(refused.endpoint()));
        assertThat(gate.queued()).isEqualTo(1);
    }

    @Test
    void granted_leavesAtOnce_doesNotGrowTheStack() {
        Gate gate = gate(LimitPolicy.builder().maxInFlight(1).maxQueued(1_000_000));
        assertThat(gate.tryEnter(1)).isTrue();
        int[] runs = new int[1];
        for (int i = 0; i < 100_000; i++) {
            gate.enqueue(1, far, () -> {
                runs[0]++;
                leave(gate, 1);
            });
        }

        leave(gate, 1);

        assertThat(runs[0]).isEqualTo(100_000);
        assertThat(gate.inFlight()).isZero();
    }

    @Test
    void granted_throws_doesNotStopTheNext() {
        Gate gate = gate(LimitPolicy.builder().maxInFlight(2));
        assertThat(gate.tryEnter(1)).isTrue();
        assertThat(gate.tryEnter(1)).isTrue();
        gate.enqueue(1, far, () -> {
            throw new IllegalStateException("bug");
        });
        enqueue(gate, 1, "next");

        leave(gate, 1);
        leave(gate, 1);

        assertThat(granted).containsExactly("next");
    }

    @Test
    void none_manyRequestsOfAnySize_pass() {
        Gate gate = new Gate(LimitPolicy.none(), "test", clock, clock);

        for (int i = 0; i < 10_000; i++) {
            assertThat(gate.tryEnter(1_000_000)).isTrue();
        }
    }

    private Gate gate(LimitPolicy.Builder policy) {
        return new Gate(policy.build(), "test", clock, clock);
    }

    private Gate full() {
        Gate gate = gate(LimitPolicy.builder().maxInFlight(1).maxQueued(10));
        assertThat(gate.tryEnter(1)).isTrue();
        return gate;
    }

    private Place enqueue(Gate gate, long bytes, String name) {
        return gate.enqueue(bytes, far, () -> granted.add(name));
    }

    private static void leave(Gate gate, long bytes) {
        gate.leave(bytes, Outcome.SUCCESS, 1);
    }
}
