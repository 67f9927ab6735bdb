package io.foretell.internal.engine;

import io.foretell.transport.InferenceResponse;
import org.jspecify.annotations.Nullable;

/** Takes how a request's attempts have ended, once. A future without the weight of one. */
@FunctionalInterface
interface Delivery {
    /** One of the two is null. */
    void ended(@Nullable InferenceResponse response, @Nullable Throwable fault);
}
