package io.foretell.it;

import io.foretell.error.InferenceException;
import io.foretell.time.Deadline;
import io.foretell.time.Ticker;
import io.foretell.transport.Attributes;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A first attempt with time enough, with no engine around it: what a transport does by itself. */
record OneAttempt(Deadline deadline) implements CallContext {
    /** Sends a small request of bytes. Returns why it failed; null if it did not. */
    static @Nullable InferenceException of(Transport transport) throws InterruptedException {
        Payload ping = Payload.Bytes.of("application/octet-stream", new byte[100]);
        OneAttempt context = new OneAttempt(Deadline.after(Duration.ofSeconds(60), Ticker.system()));
        try {
            transport
                    .send(InferenceRequest.of(ping, 1, Attributes.empty()), context)
                    .get();
            return null;
        } catch (ExecutionException e) {
            return (InferenceException) e.getCause();
        }
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public void requestSent() {}

    @Override
    public void responseStarted() {}
}
