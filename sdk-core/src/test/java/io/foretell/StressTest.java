package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads call, cancel, complete and close while others answer, fail and let time pass. */
@Timeout(120)
class StressTest {
    private static final int CALLERS = 64;
    private static final int CALLS = 150;
    private static final long SEED = Long.getLong("foretell.stress.seed", 20_240_229);

    private final FakeClock clock = new FakeClock();
    private final FakeTransport transport = new FakeTransport();
    private final RecordingListener events = new RecordingListener();
    private final ExecutorService servers = Executors.newFixedThreadPool(4);
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger completions = new AtomicInteger();

    @Test
    void calls_fromManyThreads_endExactlyOnce() throws Exception {
        transport.script((request, context) -> serve(request));
        Predictor<String, String> predictor = Predictor.builder(new TextCodec())
                .transport(transport)
                .time(clock, clock)
                .timeout(Duration.ofMillis(5))
                .listener(events)
                .listener(new Counting())
                .build();
        AtomicBoolean over = new AtomicBoolean();
        Thread time = new Thread(() -> {
            while (!over.get()) {
                clock.advance(Duration.ofMillis(1));
                Thread.yield();
            }
        });
        time.start();
        List<Thread> callers = new ArrayList<>();
        List<Throwable> surprises = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Random random = new Random(SEED + i);
            Thread caller = new Thread(() -> {
                try {
                    for (int call = 0; call < CALLS; call++) {
                        call(predictor, random);
                    }
                } catch (Throwable surprise) {
                    synchronized (surprises) {
                        surprises.add(surprise);
                    }
                }
            });
            callers.add(caller);
            caller.start();
        }
        for (Thread caller : callers) {
            caller.join();
        }
        predictor.close(); // returns, so all is drained
        over.set(true);
        time.join();
        servers.shutdown();

        assertThat(surprises).isEmpty();
        assertThat(events.unpaired()).isEmpty();
        assertThat(ended).hasValue(started.get());
        assertThat(completions).hasValue(CALLERS * CALLS);
        assertThat(clock.pendingTimers()).isZero();
        assertThat(transport.closes()).isEqualTo(1);
    }

    /** By the request's own content, so that a seed gives the same mix: at once, later, refused, or never. */
    private CompletableFuture<InferenceResponse> serve(InferenceRequest request) {
        List<String> lines = TextCodec.lines(request.payload());
        int choice = Integer.parseInt(lines.get(0));
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        Runnable respond = () -> answer.complete(response(lines.toArray(String[]::new)));
        switch (choice % 8) {
            case 0 -> respond.run();
            case 1 -> {} // hangs
            case 2 -> answer.completeExceptionally(failure(ErrorCategory.OVERLOADED));
            case 3 -> {
                if (lines.size() > 1) {
                    answer.completeExceptionally(failure(ErrorCategory.PAYLOAD_TOO_LARGE));
                } else {
                    servers.execute(respond);
                }
            }
            case 4 -> throw new IllegalStateException("scripted");
            default -> servers.execute(respond);
        }
        return answer;
    }

    private static InferenceException failure(ErrorCategory category) {
        return Rig.failure(category, RetrySafety.SAFE);
    }

    private void call(Predictor<String, String> predictor, Random random) {
        String input = Integer.toString(random.nextInt(1_000));
        switch (random.nextInt(5)) {
            case 0 -> end(predictor.predictAsync(input), random.nextInt(3));
            case 1 -> end(predictor.callAllAsync(inputs(random), CallOptions.none()), random.nextInt(3));
            case 2 -> {
                try {
                    assertThat(predictor.predict(input)).isEqualTo(input);
                } catch (InferenceException expected) {
                    assertThat(expected.category()).isNotEqualTo(ErrorCategory.CODEC);
                }
                completions.incrementAndGet();
            }
            case 3 -> {
                List<String> inputs = inputs(random);
                var results = predictor.callAll(inputs, CallOptions.none());
                for (int i = 0; i < inputs.size(); i++) {
                    if (results.get(i).error() == null) {
                        assertThat(results.get(i).value().value()).isEqualTo(inputs.get(i));
                    }
                }
                completions.incrementAndGet();
            }
            default -> interrupted(predictor, input);
        }
    }

    private void interrupted(Predictor<String, String> predictor, String input) {
        Thread.currentThread().interrupt();
        try {
            predictor.predict(input);
        } catch (CancellationException | InferenceException expected) {
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        }
        Thread.interrupted();
        completions.incrementAndGet();
    }

    private <T> void end(CompletableFuture<T> future, int choice) {
        future.whenComplete((value, error) -> completions.incrementAndGet());
        switch (choice) {
            case 0 -> future.cancel(true);
            case 1 -> future.completeExceptionally(new IllegalStateException("the caller's"));
            default -> {} // let it be
        }
    }

    private static List<String> inputs(Random random) {
        List<String> inputs = new ArrayList<>();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            inputs.add(Integer.toString(random.nextInt(1_000)));
        }
        return inputs;
    }

    private final class Counting extends CallListener {
        @Override
        public void callStarted(CallEvent event) {
            started.incrementAndGet();
        }

        @Override
        public void callEnded(CallEvent event) {
            ended.incrementAndGet();
        }
    }
}
