package io.foretell;

import io.foretell.transport.Transport;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the predictors that use a transport; the last closes it. */
final class SharedTransport {
    private static final int CLOSED = -1;

    private final Transport transport;
    private final AtomicInteger users = new AtomicInteger();

    SharedTransport(Transport transport) {
        this.transport = transport;
    }

    Transport transport() {
        return transport;
    }

    void acquire() {
        if (users.getAndUpdate(seen -> seen == CLOSED ? CLOSED : seen + 1) == CLOSED) {
            throw new IllegalStateException(
                    "the transport to " + transport.endpoint() + " was closed with the last predictor that used it");
        }
    }

    void release() {
        if (users.updateAndGet(seen -> seen == 1 ? CLOSED : seen - 1) == CLOSED) {
            transport.close();
        }
    }
}
