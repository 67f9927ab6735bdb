package io.foretell.scorecard;

import io.foretell.policy.BatchPolicy.WhenFull;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ten times the load that a server can take, on a client with little memory. */
@Tag("scorecard")
@Timeout(300)
class BatchOverloadRowsTest {
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(20));

    @TempDir
    private Path folder;

    private final ItemServer server =
            new ItemServer(OverloadedClient.mostItems(LOAD)).serial(OverloadedClient::serviceNanos);

    @ParameterizedTest
    @EnumSource(names = {"REJECT", "WAIT"})
    void overload_isBounded(WhenFull whenFull) throws Exception {
        Scorecard.row("D12", "10 times the load for %d s, %s".formatted(LOAD.toSeconds(), whenFull), row -> {
            row.inject("sandbox");
            try (ItemTarget.Grpc target = (ItemTarget.Grpc) ItemTarget.start(Target.Protocol.GRPC, server)) {
                OverloadedClient.Report report = Scorecard.full()
                        ? inItsOwnProcess(row, target, whenFull)
                        : OverloadedClient.run(target.transport(), whenFull, LOAD);
                if (whenFull == WhenFull.REJECT) { // else those that wait for a place are among them
                    row.atMost("bytes queued", OverloadedClient.MAX_QUEUED_BYTES, report.queuedBytes());
                    row.within("refusal p99", Duration.ofMillis(1), Duration.ofNanos(report.refusedNanos()));
                }
                judge(row, report);
            }
        });
    }

    private void judge(Row row, OverloadedClient.Report report) {
        row.exactly("items that end", report.items(), report.ended());
        row.exactly("answered or refused", report.items(), report.answered() + report.refused());
        row.measured("answered", report.answered()).measured("refused", report.refused());
        double perSecond = report.answered() * 1e9 / report.nanos();
        row.within("capacity lost %", 5, 100 * (1 - perSecond / OverloadedClient.capacity()));
    }

    private OverloadedClient.Report inItsOwnProcess(Row row, ItemTarget.Grpc target, WhenFull whenFull)
            throws IOException, InterruptedException {
        Path told = folder.resolve("told");
        Process client = start(target.address(), whenFull, told);
        try {
            client.waitFor(LOAD.plus(Scorecard.GUARD).toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            client.destroyForcibly();
        }
        row.exactly("exit status with 256 MiB of heap", 0, client.waitFor());
        return OverloadedClient.Report.parse(Files.readString(told).strip());
    }

    private static Process start(String address, WhenFull whenFull, Path told) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder(
                        java.toString(),
                        "-Xmx256m",
                        OverloadedClient.class.getName(),
                        address,
                        whenFull.name(),
                        Long.toString(LOAD.toSeconds()))
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }
}
