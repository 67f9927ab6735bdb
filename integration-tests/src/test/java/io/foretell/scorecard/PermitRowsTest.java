package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FakeClock;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Places in flight and in the queue, taken and given back by many threads in every way there is. */
@Tag("scorecard")
@Timeout(1_800)
class PermitRowsTest {
    private static final long SEED = 8;
    private static final int CALLS = Scorecard.quick(100_000, 10_000_000);
    private static final int THREADS = 8;

    /** More than there are places, so that some wait and some are refused. */
    private static final int OUT_PER_THREAD = 6;

    private static final LimitPolicy LIMITS =
            LimitPolicy.builder().maxInFlight(16).maxQueued(16).build();
    private static final int PLACES = LIMITS.maxInFlight() + LIMITS.maxQueued();

    /** Of the virtual time, which goes on as fast as it can. */
    private static final Duration DEADLINE = Duration.ofMillis(20);

    private final FakeClock clock = new FakeClock();
    private final Server server = new Server();
    private final LatencyRecorder recorder = new LatencyRecorder();
    private final LongAdder ended = new LongAdder();
    private final AtomicLong seeds = new AtomicLong(SEED);

    /** Answers at once, later from another thread, with a failure, or never. */
    private static final class Server implements Transport {
        private static final InferenceException FAILURE =
                InferenceException.of(ErrorCategory.OVERLOADED).build();

        private final ExecutorService executor = Executors.newFixedThreadPool(2);
        private final AtomicLong requests = new AtomicLong();
        private volatile boolean silent;

        @Override
        public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
            CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
            int choice = new SplittableRandom(SEED + requests.getAndIncrement()).nextInt(100);
            if (silent || choice == 0) {
                return answer;
            }
            Runnable end = choice % 4 == 0
                    ? () -> answer.completeExceptionally(FAILURE)
                    : () -> answer.complete(InferenceResponse.of(request.payload()));
            if (choice % 3 == 0) {
                executor.execute(end);
            } else {
                end.run();
            }
            return answer;
        }

        @Override
        public boolean accepts(Payload.Kind kind) {
            return true;
        }

        @Override
        public long maxRequestBytes() {
            return Long.MAX_VALUE;
        }

        @Override
        public String protocol() {
            return "none";
        }

        @Override
        public String endpoint() {
            return "random";
        }

        @Override
        public String model() {
            return "none";
        }

        @Override
        public void close() {
            executor.shutdown();
        }
    }

    @Test
    void places_areAllFreeAtRest() throws Exception {
        Scorecard.row("C8", CALLS + " calls answered, failed, cancelled and timed out at random", row -> {
            row.inject("threads and virtual time").seed(SEED);
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = predictor()) {
                runAll(predictor);
                LatencySnapshot seen = recorder.snapshot();
                row.judge("0 lost", CALLS + " calls, " + (CALLS - ended.sum()) + " lost", ended.sum() == CALLS);
                row.exactly("ends told", CALLS, seen.calls());
                long unsent = seen.attempts() - server.requests.get();
                row.holds("each request is an attempt", unsent >= 0);
                row.atMost("attempts that were cancelled before they were sent", seen.cancelled(), unsent);
                row.measured("successes", seen.successes()).measured("failures", seen.failures());
                row.measured("cancelled", seen.cancelled()).measured("refused", seen.rejected());
                row.exactly("timers left", 0, clock.pendingTimers());
                row.exactly("places free", PLACES, placesFree(predictor));
            }
            row.anchor("resilience4j's bulkhead", ResilienceDecoratorTraps.permitsLeakedByCancel() + " of 25 leaked");
        });
    }

    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor() {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(server)
                .limits(LIMITS)
                .timeout(DEADLINE)
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.none())
                .listener(recorder)
                .time(clock, clock)
                .build();
    }

    /** Makes all calls, and lets time pass until they have ended. */
    private void runAll(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            running.add(callers.submit(() -> callAndCancel(predictor)));
        }
        callers.shutdown();
        do {
            clock.advance(Duration.ofMillis(1));
        } while (!callers.awaitTermination(1, TimeUnit.MILLISECONDS));
        for (Future<?> each : running) {
            each.get();
        }
    }

    /** Has a few calls out at a time, and gives up some of them. */
    private void callAndCancel(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        SplittableRandom random = new SplittableRandom(seeds.getAndIncrement());
        Queue<CompletableFuture<?>> out = new ArrayDeque<>();
        for (int i = 0; i < CALLS / THREADS; i++) {
            CompletableFuture<?> call = predictor.predictAsync(Target.INPUT);
            call.whenComplete((value, error) -> ended.increment());
            if (random.nextInt(10) == 0) {
                call.cancel(true);
            }
            out.add(call);
            if (out.size() > random.nextInt(OUT_PER_THREAD)) {
                end(out.remove(), random.nextInt(10) == 0);
            }
        }
        out.forEach(call -> end(call, false));
    }

    private static void end(CompletableFuture<?> call, boolean cancel) {
        if (cancel) {
            call.cancel(true);
        }
        call.handle((value, error) -> error).join();
    }

    private long placesFree(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        server.silent = true;
        List<? extends CompletableFuture<?>> calls = IntStream.rangeClosed(0, PLACES)
                .mapToObj(call -> predictor.predictAsync(Target.INPUT))
                .toList();
        Eventually.holds(calls.get(PLACES)::isDone, Scorecard.GUARD);
        calls.forEach(call -> call.cancel(true));
        return calls.stream().filter(CompletableFuture::isCancelled).count();
    }
}
