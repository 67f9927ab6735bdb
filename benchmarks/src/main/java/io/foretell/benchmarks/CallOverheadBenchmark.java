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
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

/** What a predictor adds to a call whose transport answers at once, beside calling that transport by hand. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CallOverheadBenchmark {
    private final Map<String, Tensor> input = Map.of("x", Tensor.of(new float[] {1, 2, 3}));
    private final Transport transport = new InstantTransport();
    private final CallContext context = new NoContext(Deadline.after(Duration.ofHours(1), Ticker.system()));
    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = predictor();

    @Setup
    public void open() {
        predictor = predictor();
        if (!byHand().equals(blocking()) || !byHand().equals(asynchronous())) {
            throw new IllegalStateException("the ways answer differently");
        }
    }

    private Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor() {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .callbackExecutor(Runnable::run)
                .build();
    }

    @TearDown
    public void close() {
        predictor.close();
    }

    @Benchmark
    public Map<String, Tensor> byHand() {
        InferenceRequest request = InferenceRequest.of(new Payload.Tensors(input), 1, Attributes.empty());
        Payload answer = transport.send(request, context).join().payload();
        return ((Payload.Tensors) answer).tensors();
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
