package io.foretell.benchmarks.batching;

import io.foretell.benchmarks.batching.Table.Figures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What batching costs an item, what throughput it reaches before a server of known speed, and what latency below that, each
 * beside the alternatives in the same run. Prints a table and writes {@code target/batching.csv}; takes under three minutes.
 */
public final class BatchingReport {
    private static final long SEED = 4;
    private static final int CLIENTS = 64;
    private static final double SECONDS = 8;
    private static final int WARM_UP_ITEMS = 100_000;

    /** A call, with its input, and its future, which there are however they are batched. */
    private static final int CALL_BYTES = 24 + 24;

    private final Table table = new Table();

    private BatchingReport() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws RunnerException, InterruptedException, IOException {
        BatchingReport report = new BatchingReport();
        report.cost(1, "1 producer");
        report.cost(64, "64 producers");
        Cores.useOne();
        report.cost(64, "64 producers on one core");
        Cores.useAll();
        warmUp();
        report.throughput();
        report.latency(70);
        report.latency(88);
        report.table.print(System.out);
        report.table.write(Path.of("target", "batching.csv"));
    }

    private void cost(int producers, String with) throws RunnerException {
        Map<String, Double> nanos = new HashMap<>();
        Map<String, Double> bytes = new HashMap<>();
        for (RunResult result : new Runner(new OptionsBuilder()
                        .include(BatcherCostBenchmark.class.getName())
                        .threads(producers)
                        .addProfiler(GCProfiler.class)
                        .build())
                .run()) {
            String way = result.getPrimaryResult().getLabel();
            nanos.put(way, 1e3 / result.getPrimaryResult().getScore());
            double allocated = Objects.requireNonNull(
                            result.getSecondaryResults().get("gc.alloc.rate.norm"))
                    .getScore();
            bytes.put(way, allocated - CALL_BYTES);
        }
        Figures cost = figures(nanos, "foretell");
        table.atMost(25, "ns an item, " + with, cost);
        table.atMost(1 / 3.0, "the same over the queue's", cost.over(cost.queue()));
        table.shown("the same with a linger", figures(nanos, "foretellLinger"));
        table.atMost(32, "B an item beyond the call and its future", figures(bytes, "foretell"));
    }

    private static Figures figures(Map<String, Double> ways, String ours) {
        return new Figures(
                Objects.requireNonNull(ways.get(ours)),
                Objects.requireNonNull(ways.get("queue")),
                Objects.requireNonNull(ways.get("gax")),
                null);
    }

    /** So that what follows is not the compiler's doing. */
    private static void warmUp() throws InterruptedException {
        for (Function<Server, Way> opening :
                List.<Function<Server, Way>>of(Way::unbatched, Way::foretell, Way::queue, Way::gax)) {
            try (Way way = opening.apply(new Server(200))) {
                Loads.closed(way, CLIENTS, WARM_UP_ITEMS);
            }
        }
    }

    private void throughput() throws InterruptedException {
        int items = (int) (SECONDS / 2 * Server.idealRate());
        double unbatched = reached(Way::unbatched, items / 10);
        Figures figures = new Figures(
                reached(Way::foretell, items),
                reached(Way::queue, items),
                reached(Way::gax, items),
                Server.idealRate());
        table.atLeast(0.98, "items/s of " + CLIENTS + " clients", figures);
        table.atLeast(11, "the same over unbatched", figures.over(unbatched));
    }

    private static double reached(Function<Server, Way> opening, int items) throws InterruptedException {
        try (Way way = opening.apply(new Server(1))) {
            return Loads.closed(way, CLIENTS, items);
        }
    }

    private void latency(int percentOfIdeal) throws InterruptedException {
        double rate = Server.idealRate() * percentOfIdeal / 100;
        long[] arrivals = Loads.poisson(rate, (int) (SECONDS * rate), SEED);
        long[] simulated = Loads.simulated(arrivals);
        long[] foretell = latencies(Way::foretell, arrivals);
        long[] queue = latencies(Way::queue, arrivals);
        long[] gax = latencies(Way::gax, arrivals);
        for (int percent : new int[] {50, 99}) {
            table.atMost(
                    1.1,
                    "p" + percent + " ms at " + percentOfIdeal + " % load",
                    new Figures(
                            Loads.percentile(foretell, percent),
                            Loads.percentile(queue, percent),
                            Loads.percentile(gax, percent),
                            Loads.percentile(simulated, percent)));
        }
    }

    private static long[] latencies(Function<Server, Way> opening, long[] arrivals) throws InterruptedException {
        try (Way way = opening.apply(new Server(1))) {
            return Loads.open(way, arrivals);
        }
    }
}
