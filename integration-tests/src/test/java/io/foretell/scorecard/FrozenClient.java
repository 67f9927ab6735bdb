package io.foretell.scorecard;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.policy.LimitPolicy;
import io.foretell.tensor.Tensor;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** A client in a process of its own, for another to stop. Puts its load on a server and prints how it went. */
final class FrozenClient {
    static final int PER_SECOND = 200;
    static final int LIMIT = 250;
    static final int WARM_UP = 200;
    static final Duration LOAD = Duration.ofSeconds(8);
    static final Duration DEADLINE = Duration.ofSeconds(1);

    private FrozenClient() {}

    /**
     * What it prints.
     *
     * @param deadlines how many calls ended by their deadline
     * @param millis p99.9 of all calls, from the intended start
     */
    record Report(long calls, long ended, long deadlines, long answered, long millis) {
        static Report parse(String line) {
            long[] figures =
                    Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
            return new Report(figures[0], figures[1], figures[2], figures[3], figures[4]);
        }

        String line() {
            return calls + " " + ended + " " + deadlines + " " + answered + " " + millis;
        }
    }

    /** @param arguments the server's address */
    public static void main(String[] arguments) {
        OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
        Ledger ledger = new Ledger(load.calls());
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(TensorCodecs.tensors())
                .transport(TensorFlowServing.to(arguments[0])
                        .model("echo")
                        .allowPlaintext()
                        .build())
                .timeout(DEADLINE)
                .limits(LimitPolicy.builder().ratePerSecond(LIMIT).build())
                .build()) {
            CallOptions patient = CallOptions.none().withTimeout(Scorecard.GUARD); // the first call of a JVM takes long
            IntStream.range(0, WARM_UP).forEach(call -> predictor.predict(Target.INPUT, patient));
            load.run(ledger, call -> predictor.predictAsync(Target.INPUT));
            ledger.settle();
        }
        long ended = Arrays.stream(Outcome.values()).mapToLong(ledger::count).sum();
        System.out.println(new Report(
                        load.calls(),
                        ended,
                        ledger.count(ErrorCategory.DEADLINE),
                        ledger.count(Outcome.SUCCESS),
                        load.latency(99.9).toMillis())
                .line());
    }
}
