package io.foretell.benchmarks;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.tensor.Tensor;
import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import io.foretell.transport.Attributes;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a predictor with all its defaults (deadline, retries, budget, breaker, limits) adds to a call whose transport answers
 * at once, beside calling that transport by hand, and by hand under resilience4j's four decorators. The call by hand is in
 * each of the others, so it is to be subtracted.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CallOverheadBenchmark {
    private static final BulkheadConfig ROOMY =
            BulkheadConfig.custom().maxConcurrentCalls(1_000).build();

    private final Map<String, Tensor> input = Map.of("x", Tensor.of(new float[] {1, 2, 3}));
    private final Transport transport = new InstantTransport();
    private final CallContext context = new NoContext(Deadline.after(Duration.ofHours(1), Ticker.system()));
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Supplier<CompletionStage<InferenceResponse>> decorated = decorated();
    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = predictor();

    @Setup
    public void open() {
        predictor = predictor();
        if (!byHand().equals(blocking()) || !byHand().equals(asynchronous()) || !byHand().equals(resilience4j())) {
            throw new IllegalStateException("the ways answer differently");
        }
    }

    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor() {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .callbackExecutor(Runnable::run)
                .build();
    }

    private Supplier<CompletionStage<InferenceResponse>> decorated() {
        Supplier<CompletionStage<InferenceResponse>> send = () -> transport.send(request(), context);
        send = CircuitBreaker.decorateCompletionStage(CircuitBreaker.ofDefaults("benchmark"), send);
        send = Bulkhead.decorateCompletionStage(Bulkhead.of("benchmark", ROOMY), send);
        send = TimeLimiter.ofDefaults("benchmark").decorateCompletionStage(scheduler, send);
        return Retry.decorateCompletionStage(Retry.ofDefaults("benchmark"), scheduler, send);
    }

    private InferenceRequest request() {
        return InferenceRequest.of(new Payload.Tensors(input), 1, Attributes.empty());
    }

    @TearDown
    public void close() {
        predictor.close();
        scheduler.shutdownNow();
    }

    @Benchmark
    public Map<String, Tensor> byHand() {
        return tensors(transport.send(request(), context));
    }

    private static Map<String, Tensor> tensors(CompletableFuture<InferenceResponse> answer) {
        return ((Payload.Tensors) answer.join().payload()).tensors();
    }

    @Benchmark
    public Map<String, Tensor> resilience4j() {
        return tensors(decorated.get().toCompletableFuture());
    }

    @Benchmark
    public Map<String, Tensor> blocking() {
        return predictor.predict(input);
    }

    @Benchmark
    public Map<String, Tensor> asynchronous() {
        return predictor.predictAsync(input).join();
    }

    private static final class InstantTransport implements Transport {
        @Override
        public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
            return CompletableFuture.completedFuture(InferenceResponse.of(request.payload()));
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
            return "instant";
        }

        @Override
        public String endpoint() {
            return "here";
        }

        @Override
        public @Nullable String model() {
            return null;
        }

        @Override
        public void close() {}
    }

    private record NoContext(Deadline deadline) implements CallContext {
        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public void requestSent() {}

        @Override
        public void responseStarted() {}
    }
}
