package io.foretell.internal.engine;

import io.foretell.event.CallListener;
import io.foretell.event.ShadowEvent;
import io.foretell.time.Deadline;
import io.foretell.transport.InferenceRequest;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies some requests to one more endpoint and compares the answers. A copy waits for no permit, has one attempt, and
 * touches neither the budget nor the result.
 */
final class Shadow {
    private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);

    final Endpoint endpoint;
    private final double share;
    private final Policies policies;
    private final Listeners listeners;
    private final Callbacks callbacks;
    private final Set<ShadowCopy> out = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Shadow(Endpoint endpoint, double share, Policies policies, Listeners listeners, Callbacks callbacks) {
        this.endpoint = endpoint;
        this.share = share;
        this.policies = policies;
        this.listeners = listeners;
        this.callbacks = callbacks;
    }

    /** Sends a copy, if the draw says so: not on this thread, which a slow transport must not keep. Throws nothing. */
    void copy(InferenceRequest request, long id, Deadline deadline, CompletableFuture<ShadowCopy.Ending> primary) {
        if (isDrawn()) {
            callbacks.execute(() -> {
                try {
                    send(request, id, deadline, primary);
                } catch (Throwable fault) { // of a ticker, say
                    LOG.warn("no copy of request {} for {}", id, endpoint.source, fault);
                }
            });
        }
    }

    private boolean isDrawn() {
        try {
            return share == 1 || policies.random().nextDouble() < share;
        } catch (Throwable fault) { // the call itself needs no chance
            LOG.warn("no copy for {}", endpoint.source, fault);
            return false;
        }
    }

    private void send(
            InferenceRequest request, long id, Deadline deadline, CompletableFuture<ShadowCopy.Ending> primary) {
        ShadowCopy copy = new ShadowCopy(endpoint, policies, request, deadline);
        out.add(copy);
        if (closed) { // close() may have just missed it: nothing is sent any more
            copy.cancel();
        }
        copy.send()
                .thenAcceptBoth(
                        primary,
                        (shadow, winner) -> callbacks.execute(() -> {
                            out.remove(copy);
                            tell(request, id, winner, shadow);
                        }));
    }

    private void tell(InferenceRequest request, long id, ShadowCopy.Ending primary, ShadowCopy.Ending shadow) {
        ShadowEvent event = new ShadowEvent(
                endpoint.source,
                id,
                request.itemCount(),
                primary.nanos(),
                shadow.nanos(),
                primary.fault(),
                shadow.fault(),
                PayloadDifference.largest(primary.response(), shadow.response()));
        listeners.tell(CallListener::shadowEnded, event);
    }

    /** Gives up the copies that are out. */
    void close() {
        closed = true;
        out.forEach(ShadowCopy::cancel);
    }
}
