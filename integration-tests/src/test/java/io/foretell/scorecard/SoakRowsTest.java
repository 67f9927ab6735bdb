package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.reset;

import com.sun.management.UnixOperatingSystemMXBean;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.policy.HedgingPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client that meets faults for long holds on to. */
@Tag("scorecard")
@Timeout(1_200)
class SoakRowsTest {
    private static final int PER_SECOND = Scorecard.quick(100, 200);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(5), Duration.ofMinutes(10));
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** How long the connections of gRPC last. */
    private static final Duration AGE = Duration.ofSeconds(1);

    private static final int MAX_THREADS = 60;

    private static final int HEAP_SAMPLES = 20;

    private static final Pattern SERVERS =
            Pattern.compile("foretell-(sagemaker|fault-proxy)|tensorflow-serving-sandbox");

    private final long seed = new SplittableRandom().nextLong();
    private final Heap heap = new Heap();
    private long mostThreads;

    /** Some requests are throttled and some are slow; connections are reset besides. */
    private static FaultPlan mix(Target target, long seed) {
        return request -> {
            double chance = new SplittableRandom(seed + request).nextDouble();
            return chance < 0.02
                    ? target.throttled().pushback(Duration.ofMillis(20))
                    : Fault.delay(chance < 0.03 ? Duration.ofSeconds(1) : Duration.ofMillis(10));
        };
    }

    @Test
    void soak_inAMixOfFaults_leavesNothingBehind() throws Exception {
        Scorecard.row("G1", "%d s of resets, throttling and slow answers".formatted(LOAD.toSeconds()), row -> {
            row.inject("proxy, sandbox").seed(seed);
            run(row, OpenLoad.of(PER_SECOND, WARM_UP), false); // what a JVM does once stays for good
            long files = files();
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
            run(row, load, true);
            load.report(row);
            heap.report(row);
            row.atMost("client's threads", MAX_THREADS, mostThreads);
            row.exactly("threads left", 0, Eventually.counts(0, () -> threads(before), Scorecard.GUARD));
            row.exactly("files left", 0, Eventually.counts(0, () -> Math.max(0, files() - files), Scorecard.GUARD));
        });
    }

    private void run(Row row, OpenLoad load, boolean judged) {
        Ledger ledger = new Ledger(load.calls());
        try (Target http = Target.Protocol.HTTP.start();
                Target grpc = Target.Protocol.GRPC.start();
                FaultProxy httpProxy = http.proxy(seed);
                FaultProxy grpcProxy = grpc.proxy(seed);
                Predictor<Map<String, Tensor>, Map<String, Tensor>> first = predictor(http, httpProxy, ledger);
                Predictor<Map<String, Tensor>, Map<String, Tensor>> second = predictor(grpc, grpcProxy, ledger)) {
            httpProxy.onNew(reset().onRequest(0.05));
            load.run(ledger, call -> {
                if (call % (PER_SECOND * AGE.toSeconds()) == 0) {
                    grpcProxy.onOpen(reset());
                    mostThreads = Math.max(mostThreads, threads(Set.of()));
                }
                if (judged && Scorecard.full() && call % (load.calls() / HEAP_SAMPLES) == 0) {
                    heap.sample();
                }
                return (call % 2 == 0 ? first : second).predictAsync(Target.INPUT);
            });
            if (judged) {
                ledger.ends(row);
                row.atMost("requests", ledger.attempts(), http.requests() + grpc.requests());
                row.atLeast("success %", 95, 100.0 * ledger.count(Outcome.SUCCESS) / ledger.calls());
            } else {
                ledger.settle();
            }
        }
    }

    private static Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor(
            Target target, FaultProxy proxy, Ledger ledger) {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(target.transport(proxy.target()))
                .listener(ledger.listener())
                .idempotent(true)
                .hedging(HedgingPolicy.defaults())
                .build();
    }

    /** Of the client's side, but for those there were before. */
    private static long threads(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread)
                        && !SERVERS.matcher(thread.getName()).lookingAt())
                .count();
    }

    /** Open ones; 0 where the platform does not tell. */
    private static long files() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
