package io.foretell.internal.engine;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.time.Deadline;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One pass through the chain, for one call or a batch of them. */
final class RequestPass<I, O> {
    private final Engine<I, O> engine;
    private final List<Call<I, O>> calls;
    private final Callbacks callbacks;
    private final Deadline deadline;
    private final Duration timeout;
    private final CallEvent start;
    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile @Nullable AttemptLoop loop;
    private volatile Timings timings = Timings.none();

    /** @param candidates at least one; those that are settled already are left out */
    RequestPass(Engine<I, O> engine, List<Call<I, O>> candidates) {
        this.engine = engine;
        this.calls = candidates.stream().filter(call -> !call.isSettled()).toList();
        CallGroup<I, O> first = candidates.get(0).group();
        this.callbacks = first.callbacks;
        this.deadline = first.deadline;
        this.timeout = first.timeout;
        this.start = CallEvent.started(engine.source, engine.nextRequestId(), 0, calls.size());
    }

    void run() {
        if (calls.isEmpty()) {
            return;
        }
        engine.listeners.tell(CallListener::requestStarted, start);
        calls.forEach(call -> call.join(this)); // from here an abort finds this request
        if (isDead()) {
            finish(null, new CancellationException(), false);
            return;
        }
        InferenceRequest request;
        try {
            request = encode();
        } catch (Throwable fault) {
            InferenceException error = engine.failures.codec("encoding", fault, 0);
            finish(null, error, true);
            return;
        }
        if (!finished.get()) { // given up while encoding: nothing is sent
            engine.proceed(request, deadline, this).whenComplete(this::answered);
        }
    }

    /** Runs wherever an interceptor completes its answer, or the caller is; what follows is for the callbacks. */
    private void answered(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        if (!finished.get()) {
            callbacks.executeOrStay(() -> finish(response, fault, false));
        }
    }

    private InferenceRequest encode() {
        long before = engine.ticker.nanos();
        List<I> inputs = new ArrayList<>(calls.size());
        calls.forEach(call -> inputs.add(call.input));
        Payload payload = engine.codec.encode(inputs);
        timings = timings.with(Phase.ENCODE, engine.ticker.nanos() - before);
        if (payload == null || payload.kind() != engine.codec.payload()) {
            throw new IllegalStateException(engine.codec + " wrote " + (payload == null ? "null" : payload.kind())
                    + " where it promises " + engine.codec.payload());
        }
        return InferenceRequest.of(payload, calls.size(), calls.get(0).group().attributes);
    }

    /** The innermost step of the chain. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request) {
        if (isOver()) {
            return CompletableFuture.failedFuture(new CancellationException());
        }
        if (deadline.isExpired()) { // its timer may be waiting for this very thread
            return CompletableFuture.failedFuture(engine.failures.deadline(timeout, 0));
        }
        boolean idempotent = calls.stream().allMatch(call -> call.group().idempotent);
        AttemptLoop attempts = new AttemptLoop(engine.outbound, callbacks, deadline, start, idempotent, request);
        loop = attempts; // from here an abort finds it
        if (isOver()) {
            attempts.abort(new CancellationException());
        }
        return attempts.run();
    }

    List<CallEvent.Reason> attempts() {
        AttemptLoop attempts = loop;
        return attempts == null ? List.of() : attempts.history().reasons();
    }

    List<InferenceException> attemptErrors() {
        AttemptLoop attempts = loop;
        return attempts == null ? List.of() : attempts.history().errors();
    }

    private int attemptCount() {
        return attempts().size();
    }

    /** No attempt follows any more; one that is out may still end. */
    void stopRetrying() {
        AttemptLoop attempts = loop;
        if (attempts != null) {
            attempts.stopBackingOff();
        }
    }

    private boolean isOver() {
        return finished.get() || isDead();
    }

    /** Whether no call of it is live. */
    private boolean isDead() {
        for (Call<I, O> call : calls) {
            if (!call.isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** Stops the attempt and ends the request, if no call of it is live. */
    void abortIfDead(Throwable reason) {
        if (isDead()) {
            finish(null, reason, false);
        }
    }

    private void finish(@Nullable InferenceResponse response, @Nullable Throwable fault, boolean halve) {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        AttemptLoop attempts = loop; // or send() sees the finish
        if (attempts != null) {
            if (!attempts.isOver()) { // no one waits for it any more
                attempts.abort(fault == null ? new CancellationException() : named(fault));
            }
            timings = timings.with(attempts.timings());
        }
        if (fault != null) {
            fail(fault, halve || isTooLarge(Failures.unwrap(fault)));
        } else if (isDead()) { // the answer came too late for anyone
            fail(new CancellationException(), false);
        } else if (response == null) {
            fail(new IllegalStateException("an interceptor gave null for an answer"), false);
        } else {
            decode(response);
        }
    }

    private Throwable named(Throwable fault) {
        Throwable root = Failures.unwrap(fault);
        return root instanceof CancellationException && isDead() ? root : engine.failures.of(root, attemptCount());
    }

    private void fail(Throwable fault, boolean halve) {
        Throwable error = named(fault);
        if (halve && calls.size() > 1) {
            engine.listeners.tell(CallListener::requestEnded, ended(error));
            engine.dispatch(calls.subList(0, calls.size() / 2));
            engine.dispatch(calls.subList(calls.size() / 2, calls.size()));
            return;
        }
        List<Call<I, O>> settled = new ArrayList<>(calls.size());
        for (Call<I, O> call : calls) {
            if (call.settle(null, error)) {
                settled.add(call);
            }
        }
        engine.listeners.tell(CallListener::requestEnded, ended(error));
        settled.forEach(Call::end);
    }

    private static boolean isTooLarge(Throwable error) {
        return error instanceof InferenceException known
                && known.category() == ErrorCategory.PAYLOAD_TOO_LARGE
                && known.retrySafety() == RetrySafety.SAFE;
    }

    private void decode(InferenceResponse response) {
        List<ItemResult<O>> results;
        long before = engine.ticker.nanos();
        try {
            results = oneEach(engine.codec.decode(response.payload(), calls.size()));
        } catch (Throwable fault) {
            fail(engine.failures.codec("decoding", fault, attemptCount()), false);
            return;
        }
        timings = timings.with(Phase.DECODE, engine.ticker.nanos() - before);
        if (deadline.isExpired()) { // its timer may be waiting for this very thread
            fail(engine.failures.deadline(timeout, attemptCount()), false);
            return;
        }
        List<Call<I, O>> settled = new ArrayList<>(calls.size());
        for (int i = 0; i < results.size(); i++) {
            ItemResult<O> result = results.get(i);
            InferenceException error = result.error();
            boolean first = error == null
                    ? calls.get(i).settle(answer(response, result.value()), null)
                    : calls.get(i).settle(null, engine.failures.of(error, attemptCount()));
            if (first) {
                settled.add(calls.get(i));
            }
        }
        engine.listeners.tell(CallListener::requestEnded, ended(null));
        settled.forEach(Call::end);
    }

    /** A copy, since the codec's list may yet fail to give what it holds. */
    private List<ItemResult<O>> oneEach(@Nullable List<ItemResult<O>> results) {
        List<ItemResult<O>> copy = results == null ? List.of() : new ArrayList<>(results);
        if (copy.size() != calls.size()) {
            throw miscounted(results == null ? "null" : copy.size() + " results");
        }
        int missing = copy.indexOf(null);
        if (missing >= 0) {
            throw miscounted("null for result " + missing);
        }
        return copy;
    }

    private InferenceException miscounted(String what) {
        return engine.failures.codec(
                engine.codec + " decoded " + what + " for " + calls.size() + " inputs", attemptCount());
    }

    private Answer<O> answer(InferenceResponse response, O value) {
        return new Answer<>(
                value,
                response.servedBy(),
                response.requestId(),
                response.attributes(),
                attempts(),
                calls.size(),
                timings);
    }

    private CallEvent ended(@Nullable Throwable error) {
        return CallEvent.started(start.source(), start.id(), attemptCount(), start.items())
                .ended(timings, error);
    }
}
