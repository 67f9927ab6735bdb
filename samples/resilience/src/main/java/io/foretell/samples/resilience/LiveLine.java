package io.foretell.samples.resilience;

import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Prints once a second what a predictor did in that second. */
final class LiveLine extends CallListener implements AutoCloseable {
    private static final String HEADER =
            "endpoint   |    ok failed refused | attempts retries  ampl. | in flight |  p50 ms  p99 ms" + " | breaker";

    private final LatencyRecorder second = new LatencyRecorder();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile String scene = "connecting";

    LiveLine() {
        System.out.println(HEADER);
        clock.scheduleAtFixedRate(this::print, 1, 1, TimeUnit.SECONDS);
    }

    /** What stands first in the lines to come. */
    void scene(String name) {
        scene = name;
    }

    @Override
    public void attemptStarted(CallEvent event) {
        inFlight.incrementAndGet();
    }

    @Override
    public void attemptEnded(CallEvent event) {
        inFlight.decrementAndGet();
        second.attemptEnded(event);
    }

    @Override
    public void requestEnded(CallEvent event) {
        second.requestEnded(event);
    }

    @Override
    public void callEnded(CallEvent event) {
        second.callEnded(event);
    }

    private void print() {
        LatencySnapshot now = second.snapshot();
        second.reset();
        print(
                "%-10s | %5d %6d %7d | %8d %7d %6.2f | %9d | %7.1f %7.1f | %s%n",
                scene,
                now.successes(),
                now.failures(),
                now.rejected(),
                now.attempts(),
                now.retries(),
                now.amplification(),
                inFlight.get(),
                millis(now, 50),
                millis(now, 99),
                now.rejected() > 0 ? "open" : "closed"); // no other limit refuses at this load
    }

    private static double millis(LatencySnapshot now, double percentile) {
        return now.percentile(Phase.CALL, percentile).toNanos() / 1e6;
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    @Override
    public void close() {
        clock.shutdown();
    }
}
