package io.foretell.internal.engine;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.time.Deadline;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass through the chain, for one call or a batch of them. */
final class RequestPass<I, O> implements Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(RequestPass.class);

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<RequestPass> FINISHED =
            AtomicIntegerFieldUpdater.newUpdater(RequestPass.class, "finished");

    private final Engine<I, O> engine;
    private final Division<I, O> division;
    private final List<Call<I, O>> calls;

    /** Of the calls' groups the one whose deadline is last: that is the request's. */
    private final CallGroup<I, O> group;

    private final long id;
    private final @Nullable Durations durations;
    private volatile int finished;
    private volatile @Nullable AttemptLoop loop;
    private @Nullable InferenceResponse response;
    private boolean handedOver;

    /**
     * A request that is to be run.
     *
     * @param candidates at least one; those that are settled already are left out
     * @param division where its calls go on that cannot be served together
     */
    RequestPass(Engine<I, O> engine, List<Call<I, O>> candidates, Division<I, O> division) {
        this.engine = engine;
        this.division = division;
        this.calls = Calls.live(candidates);
        this.group = Calls.lastToExpire(calls.isEmpty() ? candidates : calls);
        this.id = engine.nextRequestId();
        this.durations = Calls.areTimed(candidates) ? new Durations() : null;
    }

    /** What the codec's part has taken. Made where somebody asks for phases only. */
    private static final class Durations {
        private volatile long encode = -1;
        private long decode = -1;
        private long end;
    }

    void run() {
        if (calls.isEmpty()) {
            division.ended(new CancellationException());
            return;
        }
        if (engine.listeners.any()) {
            engine.listeners.tell(CallListener::requestStarted, event(0));
        }
        for (int i = 0; i < calls.size(); i++) {
            calls.get(i).join(this); // from here an abort finds this request
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
        if (!isFinished()) { // given up while encoding: nothing is sent
            proceed(request);
        }
    }

    private void proceed(InferenceRequest request) {
        try {
            engine.proceed(request, group.deadline, this);
        } catch (Throwable fault) { // of a ticker, say; the calls must end all the same
            finish(null, fault, false);
        }
    }

    /** Runs wherever an interceptor completes its answer, or the caller is; what follows is for the callbacks. */
    @Override
    public void ended(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        if (isFinished()) {
            return;
        }
        if (callbacks().isHere()) {
            finish(response, fault, false);
        } else {
            callbacks().execute(() -> finish(response, fault, false));
        }
    }

    private InferenceRequest encode() {
        long before = durations == null ? 0 : engine.ticker.nanos();
        Payload payload = engine.codec.encode(Calls.inputs(calls));
        if (durations != null) {
            durations.encode = engine.ticker.nanos() - before;
        }
        return InferenceRequest.of(payload, calls.size(), group.terms.attributes());
    }

    /** The innermost step of a chain with interceptors. */
    CompletableFuture<InferenceResponse> send(InferenceRequest request) {
        DeliveryFuture answer = new DeliveryFuture();
        send(request, answer);
        return answer;
    }

    /** The innermost step of the chain. */
    void send(InferenceRequest request, Delivery delivery) {
        long now = engine.ticker.nanos();
        if (isOver()) {
            delivery.ended(null, new CancellationException());
        } else if (group.isExpired(now)) { // its timer may be waiting for this very thread
            delivery.ended(null, engine.failures.deadline(group.terms.timeout(), 0));
        } else if (engine.outbound.shadow == null) {
            attempt(request, delivery, now);
        } else {
            sendWithCopy(request, delivery, now, engine.outbound.shadow);
        }
    }

    private void sendWithCopy(InferenceRequest request, Delivery delivery, long now, Shadow shadow) {
        Primary primary = new Primary(delivery, engine.ticker, now);
        if (attempt(request, primary, now)) {
            shadow.copy(request, id, group.deadline, primary.ended);
        }
    }

    /** False where the request was given up before. */
    private boolean attempt(InferenceRequest request, Delivery delivery, long now) {
        AttemptLoop attempts = new AttemptLoop(engine.outbound, this, request, delivery);
        loop = attempts; // from here an abort finds it
        if (isOver()) {
            attempts.abort(new CancellationException());
        }
        if (attempts.isOver()) {
            return false;
        }
        attempts.run(now);
        return true;
    }

    Callbacks callbacks() {
        return division.callbacks(group);
    }

    Deadline deadline() {
        return group.deadline;
    }

    long id() {
        return id;
    }

    boolean isTimed() {
        return durations != null;
    }

    boolean isIdempotent() {
        return Calls.areIdempotent(calls);
    }

    History history() {
        AttemptLoop attempts = loop;
        return attempts == null ? History.NONE : attempts.history();
    }

    /** Of the endpoint where it last was; before it is anywhere, of all. */
    Failures failures() {
        AttemptLoop attempts = loop;
        Failures known = attempts == null ? null : attempts.failures();
        return known == null ? engine.failures : known;
    }

    private int attemptCount() {
        return history().reasons().size();
    }

    /** No attempt follows any more; one that is out may still end. */
    void stopRetrying() {
        AttemptLoop attempts = loop;
        if (attempts != null) {
            attempts.stopBackingOff();
        }
    }

    private boolean isFinished() {
        return finished != 0;
    }

    private boolean isOver() {
        return isFinished() || isDead();
    }

    /** Whether no call of it is live. */
    private boolean isDead() {
        return Calls.areSettled(calls);
    }

    /** Stops the attempts and ends the request, if no call of it is live. */
    void abortIfDead(Throwable reason) {
        if (isDead()) {
            finish(null, reason, false);
        }
    }

    /** @param encoding whether a fault is one of encoding */
    private void finish(@Nullable InferenceResponse response, @Nullable Throwable fault, boolean encoding) {
        if (!FINISHED.compareAndSet(this, 0, 1)) {
            return;
        }
        AttemptLoop attempts = loop; // or send() sees the finish
        if (attempts != null && !attempts.isOver()) { // no one waits for it any more
            abort(attempts, fault == null ? new CancellationException() : named(fault));
        }
        if (fault != null) {
            failOrDivide(fault, encoding);
        } else if (isDead()) { // the answer came too late for anyone
            fail(new CancellationException());
        } else if (response == null) {
            fail(new IllegalStateException("an interceptor gave null for an answer"));
        } else {
            read(response);
        }
    }

    private static void abort(AttemptLoop attempts, Throwable reason) {
        try {
            attempts.abort(reason);
        } catch (Throwable broken) { // of a ticker or a timer of the user's; the calls must end all the same
            LOG.warn("giving up the attempts of a request failed", broken);
        }
    }

    private void read(InferenceResponse response) {
        try {
            decode(response);
        } catch (Throwable broken) { // a ticker of the user's
            fail(broken);
        }
    }

    private Throwable named(Throwable fault) {
        Throwable root = Failures.unwrap(fault);
        return root instanceof CancellationException && isDead()
                ? root
                : failures().of(root, attemptCount());
    }

    private void failOrDivide(Throwable fault, boolean encoding) {
        Throwable error = named(fault);
        if (division.divides(calls, error, encoding)) {
            tellEnd(error);
            division.goOn(calls);
        } else {
            fail(Division.told(calls, error));
        }
    }

    private void fail(Throwable fault) {
        Throwable error = named(fault);
        Call.Failure failure = new Call.Failure(error);
        for (Call<I, O> call : calls) {
            call.settle(failure);
        }
        callsEnd(error);
        for (Call<I, O> call : calls) {
            if (call.isSettledBy(failure)) {
                call.end();
            }
        }
        handOver(error);
    }

    /** The request ends before its calls do, and so does its part in what they waited for together. */
    private void callsEnd(@Nullable Throwable error) {
        tellEnd(error);
        if (!division.inOrder()) {
            handOver(error);
        }
    }

    /** What waits for this request may go, once. */
    private void handOver(@Nullable Throwable error) {
        if (!handedOver) {
            handedOver = true;
            division.ended(error);
        }
    }

    private void decode(InferenceResponse response) {
        this.response = response;
        if (!division.inOrder()) {
            handOver(null);
        }
        List<ItemResult<O>> results;
        long before = durations == null ? 0 : engine.ticker.nanos();
        try {
            results = engine.codec.decode(response.payload(), Calls.inputs(calls), failures(), attemptCount());
        } catch (Throwable fault) {
            division.unreadable();
            fail(failures().codec("decoding", fault, attemptCount()));
            return;
        }
        long now = engine.ticker.nanos();
        if (durations != null) {
            durations.decode = now - before;
            durations.end = now;
        }
        if (group.isExpired(now)) { // its timer may be waiting for this very thread
            fail(failures().deadline(group.terms.timeout(), attemptCount()));
        } else {
            succeed(Calls.inTime(calls, results, now, own -> failures().deadline(own, attemptCount())));
        }
    }

    private void succeed(List<ItemResult<O>> results) {
        for (int i = 0; i < calls.size(); i++) {
            calls.get(i).settle(results.get(i));
        }
        callsEnd(null);
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).isSettledBy(results.get(i))) {
                calls.get(i).end();
            }
        }
        handOver(null);
    }

    Answer<O> answer(O value, long callStart) {
        InferenceResponse answered = Objects.requireNonNull(response);
        return new Answer<>(
                value,
                answered.servedBy(),
                answered.requestId(),
                answered.attributes(),
                history().reasons(),
                calls.size(),
                timings(callStart));
    }

    /** Of a call that has its value. */
    Timings timings(long callStart) {
        Timings.Builder timings = phases(callStart);
        if (durations != null) {
            timings.set(Phase.CALL, durations.end - callStart);
        }
        return timings.build();
    }

    private void tellEnd(@Nullable Throwable error) {
        if (engine.listeners.any()) {
            CallEvent ended = event(attemptCount())
                    .ended(phases(calls.get(0).group().startNanos).build(), error);
            engine.listeners.tell(CallListener::requestEnded, ended);
        }
    }

    private CallEvent event(int attempts) {
        return CallEvent.started(engine.source, id, attempts, calls.size());
    }

    private Timings.Builder phases(long callStart) {
        Timings.Builder timings = new Timings.Builder();
        if (durations != null) {
            timings.set(Phase.ENCODE, durations.encode).set(Phase.DECODE, durations.decode);
        }
        AttemptLoop attempts = loop;
        if (attempts != null) {
            attempts.addTimings(timings, division.waitedNanos(callStart));
        }
        return timings;
    }
}
