package io.foretell.grpc;

import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import io.foretell.transport.CallContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what a transport reported, each fact once. */
final class RecordingContext implements CallContext {
    private final Deadline deadline;
    private final CompletableFuture<Void> sent = new CompletableFuture<>();
    private final List<String> reports = new CopyOnWriteArrayList<>();

    RecordingContext() {
        this(Duration.ofSeconds(60));
    }

    RecordingContext(Duration timeout) {
        deadline = Deadline.after(timeout, Ticker.system());
    }

    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public void requestSent() {
        report("sent");
        sent.complete(null);
    }

    @Override
    public void responseStarted() {
        report("started");
    }

    private synchronized void report(String fact) {
        if (!reports.contains(fact)) {
            reports.add(fact);
        }
    }

    /** Complete once the request is reported as sent. */
    CompletableFuture<Void> sent() {
        return sent;
    }

    List<String> reports() {
        return reports;
    }
}
