package io.foretell.transport;

import io.foretell.time.Deadline;
import java.util.concurrent.CompletableFuture;

/** What lies between an {@link Interceptor} and the transport. Has these three methods and keeps them. */
public interface Chain {
    /** The request as it came here. */
    InferenceRequest request();

    /** By when the answer must be there. */
    Deadline deadline();

    /**
     * Hands a request on. To be called at most once.
     *
     * @throws IllegalStateException if called again; the message names the interceptor
     */
    CompletableFuture<InferenceResponse> proceed(InferenceRequest request);
}
