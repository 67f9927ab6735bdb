package io.foretell.transport;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Moves one request to a server and its answer back. Implementations know a protocol; they neither retry nor measure
 * time against anything but the {@link CallContext}. They must be thread-safe and must never block the calling thread
 * on the network.
 */
public interface Transport extends AutoCloseable {
    /**
     * Sends a request once. Cancelling the returned future must stop the exchange on the wire.
     *
     * <p>The future may complete on an event loop. It fails with an {@link io.foretell.error.InferenceException}; a fault
     * found before anything was sent has {@link io.foretell.error.RetrySafety#SAFE}. A request that is too large fails with
     * {@link io.foretell.error.ErrorCategory#PAYLOAD_TOO_LARGE} before anything is sent.
     *
     * @param context the deadline and number of this attempt, and where to report its progress
     */
    CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context);

    /** Whether {@link #send} takes payloads of this kind. Constant. */
    boolean accepts(Payload.Kind kind);

    /** The largest request body that is sent, in bytes. Constant. */
    long maxRequestBytes();

    /** The protocol in a few words for errors and metrics, such as {@code tensorflow-serving}. Constant. */
    String protocol();

    /** The endpoint's name or address, for errors and metrics. Constant. */
    String endpoint();

    /** The model at the endpoint, for errors and metrics; null where the endpoint alone says it. Constant. */
    @Nullable
    String model();

    /** Frees the connections. Exchanges in flight may fail. Closing twice does nothing. */
    @Override
    void close();
}
