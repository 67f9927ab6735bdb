package io.foretell.scorecard;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The freeze of {@link FreezeRowsTest} done to a real process, by signals. */
@Tag("scorecard")
@Timeout(120)
class StoppedRowsTest {
    private static final Duration FREEZE = Duration.ofSeconds(2);
    private static final int HELD = 10;

    /** Before the freeze: two seconds of load. */
    private static final int ARRIVED = FrozenClient.WARM_UP + 2 * FrozenClient.PER_SECOND;

    /** In any second: requests may arrive closer than they were sent, but not by much of a second. */
    private static final int PER_SECOND = FrozenClient.LIMIT * 12 / 10;

    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path folder;

    private final List<Long> arrivals = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger held = new AtomicInteger();
    private volatile boolean holding;

    private FaultPlan plan() {
        return request -> {
            arrivals.add(System.nanoTime());
            if (!holding) {
                return Fault.delay(Duration.ofMillis(10));
            }
            held.incrementAndGet();
            return Fault.silence();
        };
    }

    @Test
    void stop_ofTwoSeconds_isFollowedByNoBurst() throws Exception {
        assumeTrue(Scorecard.full(), "takes a process of its own: in the full tier");
        Scorecard.row("G6", "client's process stopped for 2 s, 200/s, rate limit 250/s", row -> {
            row.inject("SIGSTOP");
            try (Target target = new GrpcTarget()) {
                target.play(plan());
                Path told = folder.resolve("told");
                Process client = start(target.address(), told);
                try {
                    long wake = stopped(client);
                    client.waitFor(Scorecard.GUARD.toMillis(), TimeUnit.MILLISECONDS);
                    judge(row, FrozenClient.Report.parse(Files.readString(told).strip()), wake);
                } finally {
                    client.destroyForcibly();
                }
            }
        });
    }

    /** Stops it while some of its requests are held; tells when it went on. */
    private long stopped(Process client) throws InterruptedException {
        Eventually.holds(() -> arrivals.size() >= ARRIVED || !client.isAlive(), Scorecard.GUARD);
        holding = true;
        Eventually.holds(() -> held.get() >= HELD || !client.isAlive(), Scorecard.GUARD);
        signal("STOP", client);
        client.waitFor(FREEZE.toMillis(), TimeUnit.MILLISECONDS);
        holding = false;
        long wake = System.nanoTime();
        signal("CONT", client);
        return wake;
    }

    private static Process start(String address, Path told) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder(java.toString(), FrozenClient.class.getName(), address)
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    private static void signal(String name, Process process) throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            abort("no kill command here: the row in virtual time has to do");
        }
    }

    private void judge(Row row, FrozenClient.Report told, long wake) {
        row.exactly("ended", told.calls(), told.ended());
        row.atLeast("ended by the deadline", held.get(), told.deadlines());
        row.atMost("arrived in any second after the wake", PER_SECOND, mostPerSecond(wake));
        row.atLeast("p99.9 from the intended start, ms", 1_500, told.millis());
        row.measured("held", held.get()).measured("answered", told.answered() + " of " + told.calls());
    }

    private long mostPerSecond(long wake) {
        List<Long> after;
        synchronized (arrivals) {
            after = arrivals.stream().filter(at -> at >= wake).sorted().toList();
        }
        int most = 0;
        for (int from = 0, to = 0; to < after.size(); to++) {
            while (after.get(to) - after.get(from) >= SECOND) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }
}
