package io.foretell.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FakeClockTest {
    private final FakeClock clock = new FakeClock();
    private final List<String> ran = new ArrayList<>();

    private void schedule(String name, long delayNanos) {
        clock.schedule(() -> ran.add(name + " at " + clock.nanos()), delayNanos);
    }

    @Test
    void advance_runsEachTimerAtItsInstant() {
        schedule("late", 20);
        schedule("early", 10);
        schedule("later", 31);
        clock.advance(Duration.ofNanos(30));

        assertThat(ran).containsExactly("early at 10", "late at 20");
        assertThat(clock.nanos()).isEqualTo(30);
    }

    @Test
    void jump_runsAllTimersAfterIt() {
        schedule("late", 20);
        schedule("early", 10);
        schedule("later", 31);
        clock.jump(Duration.ofNanos(30));

        assertThat(ran).containsExactly("early at 30", "late at 30");
        assertThat(clock.pendingTimers()).isEqualTo(1);
    }

    @Test
    void move_backwards_isRefused() {
        Duration back = Duration.ofNanos(-1);

        assertThatThrownBy(() -> clock.advance(back)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> clock.jump(back)).isInstanceOf(IllegalArgumentException.class);
    }
}
