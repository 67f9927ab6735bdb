package io.foretell.it.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.internal.gate.Breaker;
import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.FakeClock;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A breaker that opens is seen in the log, and no call is. */
class BreakerLogTest {
    private final FakeClock clock = new FakeClock();

    @Test
    void breaker_opensAndCloses_logsEachChangeOnce() {
        BreakerPolicy policy = BreakerPolicy.defaults();
        Breaker breaker = new Breaker(policy, "models.example:8500", clock, clock);
        try (LogCapture log = new LogCapture()) {
            for (int i = 0; i < 100; i++) {
                breaker.failure(breaker.tryAcquire(), 1, new Exception("the endpoint failed"));
            }
            clock.advance(policy.openFor().plusMillis(1));
            for (int i = 0; i < 100; i++) {
                breaker.success(breaker.tryAcquire(), 1);
            }

            assertThat(changes(log))
                    .hasSize(3)
                    .allMatch(LogCapture.Line::important)
                    .extracting(LogCapture.Line::text)
                    .satisfiesExactly(
                            line -> assertThat(line).endsWith("breaker of models.example:8500: OPEN, was CLOSED"),
                            line -> assertThat(line).endsWith("breaker of models.example:8500: HALF_OPEN, was OPEN"),
                            line -> assertThat(line).endsWith("breaker of models.example:8500: CLOSED, was HALF_OPEN"));
        }
    }

    private static List<LogCapture.Line> changes(LogCapture log) {
        return log.lines().stream()
                .filter(line -> line.logger().equals(Breaker.class.getName()))
                .toList();
    }
}
