package io.foretell.http;

import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import io.foretell.transport.CallContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A first attempt with time enough, which notes what it is told. */
final class RecordingContext implements CallContext {
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public Deadline deadline() {
        return Deadline.after(Duration.ofMinutes(1), Ticker.system());
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public void requestSent() {
        told.add("sent");
    }

    @Override
    public void responseStarted() {
        told.add("started");
    }
}
