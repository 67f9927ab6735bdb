package io.foretell.internal.engine;

import io.foretell.time.Deadline;
import io.foretell.transport.Chain;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Interceptor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** One place in the chain; watches that the interceptor at it keeps the contract. */
final class InterceptorChain implements Chain {
    private final List<Interceptor> interceptors;
    private final int index;
    private final InferenceRequest request;
    private final Deadline deadline;
    private final Function<InferenceRequest, CompletableFuture<InferenceResponse>> last;
    private final AtomicBoolean proceeded = new AtomicBoolean();

    private InterceptorChain(
            List<Interceptor> interceptors,
            int index,
            InferenceRequest request,
            Deadline deadline,
            Function<InferenceRequest, CompletableFuture<InferenceResponse>> last) {
        this.interceptors = interceptors;
        this.index = index;
        this.request = request;
        this.deadline = deadline;
        this.last = last;
    }

    /** Sends a request through the interceptors, in their order, and then to the last step. */
    static CompletableFuture<InferenceResponse> run(
            List<Interceptor> interceptors,
            InferenceRequest request,
            Deadline deadline,
            Function<InferenceRequest, CompletableFuture<InferenceResponse>> last) {
        return new InterceptorChain(interceptors, 0, request, deadline, last).enter();
    }

    private CompletableFuture<InferenceResponse> enter() {
        if (index == interceptors.size()) {
            return last.apply(request);
        }
        Interceptor interceptor = interceptors.get(index);
        try {
            CompletableFuture<InferenceResponse> answer = interceptor.intercept(this);
            return answer != null ? answer : CompletableFuture.failedFuture(fault("returned null"));
        } catch (Throwable fault) { // one form of failure for the interceptors outside
            return CompletableFuture.failedFuture(fault);
        }
    }

    private IllegalStateException fault(String what) {
        return new IllegalStateException("interceptor " + interceptors.get(index) + " " + what);
    }

    @Override
    public InferenceRequest request() {
        return request;
    }

    @Override
    public Deadline deadline() {
        return deadline;
    }

    @Override
    public CompletableFuture<InferenceResponse> proceed(InferenceRequest next) {
        if (!proceeded.compareAndSet(false, true)) {
            throw fault("called proceed twice");
        }
        Objects.requireNonNull(next, "request");
        return new InterceptorChain(interceptors, index + 1, next, deadline, last).enter();
    }
}
