package io.foretell.internal.engine;

import io.foretell.transport.InferenceResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How a request's attempts have ended, for an interceptor. */
final class DeliveryFuture extends CompletableFuture<InferenceResponse> implements Delivery {
    @Override
    public void ended(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        if (fault == null) {
            complete(response);
        } else {
            completeExceptionally(fault);
        }
    }
}
