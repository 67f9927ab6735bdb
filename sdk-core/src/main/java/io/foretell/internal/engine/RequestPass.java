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
final class RequestPass<I, O> implements Delivery {
    private final Engine<I, O> engine;
    private final List<Call<I, O>> calls;
    private final Callbacks callbacks;
    private final Deadline deadline;
    private final Duration timeout;
    private final long id;
    private final AtomicBoolean finished = new AtomicBoolean();
    private volatile @Nullable AttemptLoop loop;
    private volatile long encodeNanos = -1;
    private long decodeNanos = -1;

    /** @param candidates at least one; those that are settled already are left out */
    RequestPass(Engine<I, O> engine, List<Call<I, O>> candidates) {
        this.engine = engine;
        this.calls = live(candidates);
        CallGroup<I, O> first = candidates.get(0).group();
        this.callbacks = first.callbacks;
        this.deadline = first.deadline;
        this.timeout = first.timeout;
        this.id = engine.nextRequestId();
    }

    private static <I, O> List<Call<I, O>> live(List<Call<I, O>> candidates) {
        for (Call<I, O> call : candidates) {
            if (call.isSettled()) {
                return candidates.stream().filter(each -> !each.isSettled()).toList();
            }
        }
        return candidates;
    }

    void run() {
        if (calls.isEmpty()) {
            return;
        }
        if (engine.listeners.any()) {
            engine.listeners.tell(CallListener::requestStarted, event(0));
        }
        for (Call<I, O> call : calls) {
            call.join(this); // from here an abort finds this request
        }
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
            proceed(request);
        }
    }

    private void proceed(InferenceRequest request) {
        try {
            engine.proceed(request, deadline, this);
        } catch (Throwable fault) { // of a ticker, say; the calls must end all the same
            finish(null, fault, false);
        }
    }

    /** Runs wherever an interceptor completes its answer, or the caller is; what follows is for the callbacks. */
    @Override
    public void ended(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        if (finished.get()) {
            return;
        }
        if (callbacks.isHere()) {
            finish(response, fault, false);
        } else {
            callbacks.execute(() -> finish(response, fault, false));
        }
    }

    private InferenceRequest encode() {
        long before = engine.ticker.nanos();
        Payload payload = engine.codec.encode(inputs());
        encodeNanos = engine.ticker.nanos() - before;
        if (payload == null || payload.kind() != engine.codec.payload()) {
            throw new IllegalStateException(engine.codec + " wrote " + (payload == null ? "null" : payload.kind())
                    + " where it promises " + engine.codec.payload());
        }
        return InferenceRequest.of(payload, calls.size(), calls.get(0).group().attributes);
    }

    private List<I> inputs() {
        if (calls.size() == 1) {
            return List.of(calls.get(0).input);
        }
        List<I> inputs = new ArrayList<>(calls.size());
        calls.forEach(call -> inputs.add(call.input));
        return inputs;
    }

    /** The innermost step of a chain with interceptors. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request) {
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        send(request, (response, fault) -> {
            if (fault == null) {
                answer.complete(response);
            } else {
                answer.completeExceptionally(fault);
            }
        });
        return answer;
    }

    /** The innermost step of the chain. */
    void send(InferenceRequest request, Delivery delivery) {
        if (isOver()) {
            delivery.ended(null, new CancellationException());
        } else if (deadline.isExpired()) { // its timer may be waiting for this very thread
            delivery.ended(null, engine.failures.deadline(timeout, 0));
        } else {
            AttemptLoop attempts =
                    new AttemptLoop(engine.outbound, callbacks, deadline, id, isIdempotent(), request, delivery);
            loop = attempts; // from here an abort finds it
            if (isOver()) {
                attempts.abort(new CancellationException());
            }
            attempts.run();
        }
    }

    private boolean isIdempotent() {
        for (Call<I, O> call : calls) {
            if (!call.group().idempotent) {
                return false;
            }
        }
        return true;
    }

    List<CallEvent.Reason> attempts() {
        AttemptLoop attempts = loop;
        return attempts == null ? List.of() : attempts.history().reasons();
    }

    List<InferenceException> attemptErrors() {
        AttemptLoop attempts = loop;
        return attempts == null ? List.of() : attempts.history().errors();
    }

    /** Of the endpoint where it last was; before it is anywhere, of all. */
    Failures failures() {
        AttemptLoop attempts = loop;
        Failures known = attempts == null ? null : attempts.failures();
        return known == null ? engine.failures : known;
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

    /** Stops the attempts and ends the request, if no call of it is live. */
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
        if (attempts != null && !attempts.isOver()) { // no one waits for it any more
            attempts.abort(fault == null ? new CancellationException() : named(fault));
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
        return root instanceof CancellationException && isDead()
                ? root
                : failures().of(root, attemptCount());
    }

    private void fail(Throwable fault, boolean halve) {
        Throwable error = named(fault);
        if (halve && calls.size() > 1) {
            tellEnd(error);
            engine.dispatch(calls.subList(0, calls.size() / 2));
            engine.dispatch(calls.subList(calls.size() / 2, calls.size()));
            return;
        }
        boolean[] settled = new boolean[calls.size()];
        for (int i = 0; i < settled.length; i++) {
            settled[i] = calls.get(i).settle(null, error);
        }
        end(settled, error);
    }

    /** The request ends before its calls do. */
    private void end(boolean[] settled, @Nullable Throwable error) {
        tellEnd(error);
        for (int i = 0; i < settled.length; i++) {
            if (settled[i]) {
                calls.get(i).end();
            }
        }
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
            fail(failures().codec("decoding", fault, attemptCount()), false);
            return;
        }
        decodeNanos = engine.ticker.nanos() - before;
        if (deadline.isExpired()) { // its timer may be waiting for this very thread
            fail(failures().deadline(timeout, attemptCount()), false);
            return;
        }
        boolean[] settled = new boolean[calls.size()];
        for (int i = 0; i < settled.length; i++) {
            Call<I, O> call = calls.get(i);
            InferenceException error = results.get(i).error();
            settled[i] = error == null
                    ? call.settle(answer(response, call, results.get(i).value()), null)
                    : call.settle(null, failures().of(error, attemptCount()));
        }
        end(settled, null);
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
        return failures().codec(engine.codec + " decoded " + what + " for " + calls.size() + " inputs", attemptCount());
    }

    private Answer<O> answer(InferenceResponse response, Call<I, O> call, O value) {
        return new Answer<>(
                value,
                response.servedBy(),
                response.requestId(),
                response.attributes(),
                attempts(),
                calls.size(),
                timings().set(Phase.CALL, call.nanos()).build());
    }

    private void tellEnd(@Nullable Throwable error) {
        if (engine.listeners.any()) {
            CallEvent ended = event(attemptCount()).ended(timings().build(), error);
            engine.listeners.tell(CallListener::requestEnded, ended);
        }
    }

    private CallEvent event(int attempts) {
        return CallEvent.started(engine.source, id, attempts, calls.size());
    }

    private Timings.Builder timings() {
        Timings.Builder timings =
                new Timings.Builder().set(Phase.ENCODE, encodeNanos).set(Phase.DECODE, decodeNanos);
        AttemptLoop attempts = loop;
        if (attempts != null) {
            attempts.addTimings(timings);
        }
        return timings;
    }
}
