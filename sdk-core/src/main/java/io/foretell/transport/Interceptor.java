package io.foretell.transport;

import java.util.concurrent.CompletableFuture;

/**
 * Wraps every request of a predictor: may change it, answer in its place, or look at the answer. The one extension point
 * of its kind; it sees encoded requests, not typed calls. Must be thread-safe and must not block.
 */
@FunctionalInterface
public interface Interceptor {
    /**
     * Handles a request, usually by {@code chain.proceed(chain.request())}.
     *
     * <p>Called on the caller's thread or the callback executor. What it attaches to the answer runs on the callback
     * executor, on the thread that cancels, or at once where the answer is there already. An exception thrown here, or a null returned, fails the request.
     */
    CompletableFuture<InferenceResponse> intercept(Chain chain);
}
