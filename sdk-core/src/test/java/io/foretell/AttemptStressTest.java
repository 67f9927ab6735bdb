package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.foretell.internal.engine.Gates;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retries, hedges, failovers, shadows, cancels, deadlines and a close, all on threads that get in each other's way. */
@Timeout(120)
class AttemptStressTest {
    private static final int CALLERS = 8;
    private static final int CALLS = 500;

    private final FakeClock clock = new FakeClock();
    private final RecordingListener events = new RecordingListener();
    private final LatencyRecorder recorder = new LatencyRecorder();
    private final ConcurrentLinkedQueue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger callersLeft = new AtomicInteger(CALLERS);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void calls_whateverHappens_endOnceAndLeaveNothing(long seed) throws InterruptedException {
        FakeTransport first = serving(new FakeTransport(), new Random(seed));
        FakeTransport second = serving(new FakeTransport(), new Random(seed + 1));
        FakeTransport shadow = serving(new FakeTransport(), new Random(seed + 2));
        Predictor<String, String> predictor =
                predictor(Route.failover(first, second).shadow(shadow, 0.5), seed);
        Gates gates = Rig.gates(predictor);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Random random = new Random(seed * CALLERS + i);
            threads.add(started(() -> callMany(predictor, random)));
        }
        threads.add(started(this::serve));
        threads.add(started(this::serve));
        threads.add(started(this::passTime));
        threads.add(started(() -> closeMidway(predictor)));
        for (Thread thread : threads) {
            thread.join();
        }
        clock.advance(Duration.ofMinutes(1)); // a breaker's half-open time
        Rig.until(() -> gates.taken() == 0 && clock.pendingTimers() == 0); // a copy may have begun during the close

        assertThat(ends).as("ends").hasValue(accepted.get());
        assertThat(events.unpaired()).isEmpty();
        assertThat(recorder.snapshot().retries()).as("retries").isPositive();
        assertThat(recorder.snapshot().shadows()).as("shadows").isPositive();
    }

    private Predictor<String, String> predictor(Route route, long seed) {
        return Predictor.builder(new TextCodec())
                .route(route)
                .time(clock, clock)
                .timeout(Duration.ofMillis(200))
                .attemptTimeout(Duration.ofMillis(60))
                .closeGrace(Duration.ofMillis(50))
                .retry(RetryPolicy.builder().budgetInitial(100_000).build())
                .hedging(HedgingPolicy.builder().percentile(50).maxExtra(1).build())
                .limits(LimitPolicy.builder().adaptive(8, 40).maxQueued(40).build())
                .random(new Random(seed)) // thread-safe
                .listener(events)
                .listener(recorder)
                .build();
    }

    /** Each answer is left to the threads that serve, or comes at once, or never. */
    private FakeTransport serving(FakeTransport transport, Random random) {
        return transport.script((request, context) -> {
            CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
            int choice = random.nextInt(20);
            Runnable end = choice < 12
                    ? () -> answer.complete(InferenceResponse.of(request.payload()))
                    : () -> answer.completeExceptionally(Rig.failure(category(choice), safety(choice)));
            if (choice == 0) {
                end.run();
            } else if (choice > 1) { // one in twenty hangs
                answers.add(end);
            }
            if (choice == 19) {
                throw new IllegalStateException("scripted");
            }
            return answer;
        });
    }

    private static ErrorCategory category(int choice) {
        return switch (choice % 4) {
            case 0 -> ErrorCategory.OVERLOADED;
            case 1 -> ErrorCategory.CONNECT;
            case 2 -> ErrorCategory.AUTH_EXPIRED;
            default -> ErrorCategory.INVALID_REQUEST;
        };
    }

    private static RetrySafety safety(int choice) {
        return choice > 16 ? RetrySafety.UNKNOWN : RetrySafety.SAFE;
    }

    private void callMany(Predictor<String, String> predictor, Random random) {
        for (int i = 0; i < CALLS; i++) {
            accepted.incrementAndGet();
            CompletableFuture<String> call = predictor.predictAsync("a");
            call.whenComplete((value, error) -> ends.incrementAndGet());
            if (random.nextInt(10) == 0) {
                call.cancel(true);
            }
            if (random.nextInt(8) > 0) {
                Rig.until(call::isDone);
            }
        }
        callersLeft.decrementAndGet();
    }

    private boolean isOver() {
        return callersLeft.get() == 0 && ends.get() == accepted.get();
    }

    private void serve() {
        while (!isOver()) {
            Runnable next = answers.poll();
            if (next != null) {
                next.run();
            }
            Thread.yield();
        }
    }

    private void passTime() {
        while (!isOver()) {
            clock.advance(Duration.ofNanos(100_000));
            Thread.yield();
        }
    }

    private void closeMidway(Predictor<String, String> predictor) {
        Rig.until(() -> accepted.get() > CALLERS * CALLS * 3 / 4);
        predictor.close();
    }

    private static Thread started(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
