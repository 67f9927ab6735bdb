package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.policy.LimitPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that is stopped under load, and goes on. */
@Tag("scorecard")
@Timeout(60)
class FreezeRowsTest {
    private static final int PER_SECOND = 80;
    private static final Duration INTERVAL = Duration.ofSeconds(1).dividedBy(PER_SECOND);
    private static final Duration LOAD = Duration.ofSeconds(2);
    private static final Duration FREEZE = Duration.ofSeconds(2);
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final Duration SERVICE = Duration.ofMillis(10);

    /** Given out two at a time, every 20 ms. */
    private static final int LIMIT = 100;

    private static final int AT_ONCE = 2;
    private static final Duration WINDOW = Duration.ofMillis(100);
    private static final int PER_WINDOW = LIMIT / 10 + AT_ONCE;

    private static final int BEFORE = (int) (PER_SECOND * LOAD.toSeconds());
    private static final int HELD = 10;
    private static final int BACKLOG = (int) (PER_SECOND * FREEZE.toSeconds());
    private static final int CALLS = BEFORE + HELD + BACKLOG + BEFORE;

    private final FakeClock clock = new FakeClock();
    private final List<Long> sends = new ArrayList<>();
    private final Histogram latencies = new Histogram(3);
    private final Ledger ledger = new Ledger(CALLS);
    private boolean held;
    private int call;

    private CompletableFuture<InferenceResponse> served(InferenceRequest request) {
        sends.add(clock.nanos());
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        if (!held) {
            clock.schedule(() -> answer.complete(InferenceResponse.of(request.payload())), SERVICE.toNanos());
        }
        return answer;
    }

    @Test
    void freeze_ofTwoSeconds_isFollowedByNoBurst() throws Exception {
        Scorecard.row("G6", "client stopped for 2 s, 80/s, rate limit 100/s", row -> {
            row.inject("virtual time");
            FakeTransport transport = new FakeTransport().script((request, context) -> served(request));
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(
                            TensorCodecs.tensors())
                    .transport(transport)
                    .time(clock, clock)
                    .callbackExecutor(Runnable::run)
                    .timeout(DEADLINE)
                    .limits(LimitPolicy.builder().ratePerSecond(LIMIT).build())
                    .listener(ledger.listener())
                    .build()) {
                load(predictor, BEFORE);
                row.exactly("answered before", BEFORE, ledger.count(Outcome.SUCCESS, 0, BEFORE));
                held = true;
                load(predictor, HELD);
                held = false;
                long wake = freeze(row, predictor);
                load(predictor, BEFORE);
                clock.advance(DEADLINE);
                after(row, wake);
                ledger.atRest("timers", clock::pendingTimers).balance(row, transport::sends);
            }
        });
    }

    /** Calls at their times. */
    private void load(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, int calls) {
        for (int i = 0; i < calls; i++) {
            start(predictor, clock.nanos());
            clock.advance(INTERVAL);
        }
    }

    private void start(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor, long intended) {
        ledger.enter(call++, predictor.predictAsync(Target.INPUT))
                .whenComplete((answer, error) -> latencies.recordValue(clock.nanos() - intended));
    }

    /** What was to be called meanwhile is called at once afterwards. */
    private long freeze(Row row, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        long begin = clock.nanos();
        clock.jump(FREEZE);
        row.exactly("expired at the wake", HELD, ledger.count(ErrorCategory.DEADLINE));
        long wake = clock.nanos();
        for (int i = 0; i < BACKLOG; i++) {
            start(predictor, begin + i * INTERVAL.toNanos());
        }
        return wake;
    }

    private void after(Row row, long wake) {
        row.atMost(
                "sent at the wake",
                AT_ONCE,
                sends.stream().filter(at -> at == wake).count());
        row.atMost("sent in any 100 ms after it", PER_WINDOW, mostPerWindow(wake));
        row.atLeast("p99.9 from the intended start, ms", 1_500, latencies.getValueAtPercentile(99.9) / 1e6);
        row.atLeast("answered after", BEFORE, ledger.count(Outcome.SUCCESS, BEFORE + HELD, CALLS));
    }

    private long mostPerWindow(long wake) {
        return sends.stream()
                .filter(from -> from >= wake)
                .mapToLong(from -> sends.stream()
                        .filter(at -> at >= from && at < from + WINDOW.toNanos())
                        .count())
                .max()
                .orElse(0);
    }
}
