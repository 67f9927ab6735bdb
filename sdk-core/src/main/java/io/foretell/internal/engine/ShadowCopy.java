package io.foretell.internal.engine;

import io.foretell.error.InferenceException;
import io.foretell.internal.gate.Breaker;
import io.foretell.time.Deadline;
import io.foretell.time.Scheduler;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One copy of a request on its way to the shadow. Ends exactly once, by its deadline at the latest. */
final class ShadowCopy implements CallContext {
    /** How an exchange ended, and after how long. */
    record Ending(
            @Nullable InferenceResponse response, @Nullable Throwable fault, long nanos) {}

    private final Endpoint endpoint;
    private final Policies policies;
    private final InferenceRequest request;
    private final Deadline deadline;
    private final long startNanos;
    private final CompletableFuture<InferenceResponse> ended = new CompletableFuture<>();

    ShadowCopy(Endpoint endpoint, Policies policies, InferenceRequest request, Deadline deadline) {
        this.endpoint = endpoint;
        this.policies = policies;
        this.request = request;
        this.deadline = deadline;
        this.startNanos = policies.ticker().nanos();
    }

    /** Completes normally, whatever happens. */
    CompletableFuture<Ending> send() {
        try {
            return passGates();
        } catch (Throwable fault) { // of a ticker, say
            return CompletableFuture.completedFuture(new Ending(null, endpoint.failures.of(fault, 0), 0));
        }
    }

    private CompletableFuture<Ending> passGates() {
        long permission = endpoint.breaker.tryAcquire();
        long bytes = request.payload().byteLength();
        if (permission == Breaker.REFUSED) {
            return CompletableFuture.completedFuture(new Ending(null, endpoint.failures.breakerOpen(1), 0));
        }
        if (!endpoint.gate.tryEnter(bytes)) {
            endpoint.breaker.release(permission);
            return CompletableFuture.completedFuture(new Ending(null, endpoint.failures.shadowFull(), 0));
        }
        CompletableFuture<Ending> ending =
                ended.handle((response, fault) -> settle(permission, bytes, response, fault));
        if (ended.isDone()) { // given up before it was sent
            return ending;
        }
        CompletableFuture<InferenceResponse> wire = endpoint.send(request, this);
        wire.whenComplete((response, fault) -> {
            if (response != null) {
                ended.complete(response);
            } else {
                Throwable cause = fault == null ? endpoint.fault("null for an answer") : fault;
                ended.completeExceptionally(endpoint.failures.of(cause, 1));
            }
        });
        ended.whenComplete((response, fault) -> wire.cancel(true)); // does nothing where the wire ended first
        expireInTime();
        return ending;
    }

    private void expireInTime() {
        try {
            Scheduler.Timer timer = policies.scheduler()
                    .schedule(() -> ended.completeExceptionally(expired()), deadline.remainingNanos());
            ended.whenComplete((response, fault) -> timer.cancel());
        } catch (Throwable refused) { // without a timer it might never end
            cancel();
        }
    }

    private InferenceException expired() {
        return endpoint.failures.deadline(Duration.ofNanos(policies.ticker().nanos() - startNanos), 1);
    }

    void cancel() {
        ended.completeExceptionally(new CancellationException());
    }

    private Ending settle(
            long permission, long bytes, @Nullable InferenceResponse response, @Nullable Throwable fault) {
        long nanos = policies.ticker().nanos() - startNanos;
        if (fault == null) {
            endpoint.answered(permission, bytes, nanos);
            return new Ending(response, null, nanos);
        }
        endpoint.failed(permission, bytes, nanos, fault);
        return new Ending(null, fault, nanos);
    }

    @Override
    public Deadline deadline() {
        return deadline;
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
