package io.foretell;

import io.foretell.transport.Route;
import io.foretell.transport.Transport;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the predictors that use a route; the last closes its transports. */
final class SharedRoute {
    private static final int CLOSED = -1;

    private final Route route;
    private final AtomicInteger users = new AtomicInteger();

    SharedRoute(Route route) {
        this.route = route;
    }

    Route route() {
        return route;
    }

    void acquire() {
        if (users.getAndUpdate(seen -> seen == CLOSED ? CLOSED : seen + 1) == CLOSED) {
            throw new IllegalStateException(
                    "the transport to " + route + " was closed with the last predictor that used it");
        }
    }

    void release() {
        if (users.updateAndGet(seen -> seen == 1 ? CLOSED : seen - 1) == CLOSED) {
            closeAll(route.transports());
        }
    }

    /** Every one of them, whatever the others throw. */
    private static void closeAll(List<Transport> transports) {
        RuntimeException thrown = null;
        for (Transport transport : transports) {
            try {
                transport.close();
            } catch (RuntimeException fault) {
                if (thrown == null) {
                    thrown = fault;
                } else {
                    thrown.addSuppressed(fault);
                }
            }
        }
        if (thrown != null) {
            throw thrown;
        }
    }
}
