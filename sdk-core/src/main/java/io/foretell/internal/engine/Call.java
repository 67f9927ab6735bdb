package io.foretell.internal.engine;

import io.foretell.codec.ItemResult;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import io.foretell.internal.batch.Item;
import io.foretell.internal.gate.Readings;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One item's prediction. Its outcome is settled exactly once, by whoever comes first: the request's answer, the deadline,
 * or the caller who gives up. Who settles it also ends it.
 */
final class Call<I, O> extends Item implements Supplier<Answer<O>> {
    private static final Logger LOG = LoggerFactory.getLogger(Call.class);

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Call, Object> OUTCOME =
            AtomicReferenceFieldUpdater.newUpdater(Call.class, Object.class, "outcome");

    final I input;

    private final CallGroup<I, O> group;
    private final int index;
    private final long id;

    /** What the codec read for it, or a {@link Failure}. */
    private volatile @Nullable Object outcome;

    private volatile @Nullable RequestPass<I, O> pass;

    /** A call's outcome, if it is not what the codec read. Nobody settles with one that another has made. */
    static final class Failure {
        final Throwable error;

        Failure(Throwable error) {
            this.error = error;
        }
    }

    Call(CallGroup<I, O> group, int index, I input) {
        this.group = group;
        this.index = index;
        this.input = input;
        this.id = group.engine.nextCallId();
    }

    CallGroup<I, O> group() {
        return group;
    }

    void tellStart() {
        group.engine.listeners.tell(CallListener::callStarted, event());
    }

    private CallEvent event() {
        return CallEvent.started(group.engine.source, id, 0, 1);
    }

    /** Puts the call into a request. One that is settled by then aborts nothing: the request must look for itself. */
    void join(RequestPass<I, O> pass) {
        this.pass = pass;
    }

    boolean isSettled() {
        return outcome != null;
    }

    @Override
    protected long startNanos() {
        return group.startNanos;
    }

    @Override
    protected long deadlineNanos() {
        return group.deadlineNanos();
    }

    @Override
    protected boolean isOver() {
        return isSettled();
    }

    /** Ends it before it was in a request. */
    @Override
    protected void reject(InferenceException why) {
        Failure failure = new Failure(why);
        settle(failure);
        if (isSettledBy(failure)) {
            end();
        }
    }

    /** Of all that try the first has its way, and must then {@link #end} it. */
    void settle(ItemResult<O> result) {
        OUTCOME.compareAndSet(this, null, result);
    }

    /** Of all that try the first has its way, and must then {@link #end} it. */
    void settle(Failure failure) {
        OUTCOME.compareAndSet(this, null, failure);
    }

    boolean isSettledBy(Object mine) {
        return outcome == mine;
    }

    /**
     * Tells the listeners, then gives the result to whoever waits for it; only then may the predictor be gone. Throws
     * nothing: other calls may have to end after this one.
     */
    void end() {
        Throwable error = error();
        try { // whatever a ticker or a timer of the user's throws, the result gets out
            tellEnd(error);
        } catch (Throwable broken) {
            warn(broken);
        }
        try {
            group.callEnding();
        } catch (Throwable broken) {
            warn(broken);
        }
        handOver(error);
    }

    private void tellEnd(@Nullable Throwable error) {
        if (group.engine.listeners.any()) {
            group.engine.listeners.tell(CallListener::callEnded, event().ended(timings(error), error));
        }
    }

    private void handOver(@Nullable Throwable error) {
        try {
            if (error == null) {
                group.sink.succeeded(index, value(), this);
            } else {
                group.sink.failed(index, error);
            }
        } catch (Throwable broken) {
            warn(broken);
        } finally {
            group.exit();
        }
    }

    private void warn(Throwable broken) {
        LOG.warn("the end of call {} to {} went wrong", id, group.engine.source, broken);
    }

    private @Nullable Throwable error() {
        if (outcome instanceof Failure failure) {
            return failure.error;
        }
        InferenceException error = result().error();
        return error == null ? null : failures().of(error, attempts());
    }

    @SuppressWarnings("unchecked")
    private ItemResult<O> result() {
        if (outcome instanceof ItemResult<?> result) {
            return (ItemResult<O>) result;
        }
        throw new IllegalStateException("call " + id + " ended before it was settled");
    }

    private O value() {
        return result().value();
    }

    private Timings timings(@Nullable Throwable error) {
        RequestPass<I, O> answered = error == null ? pass : null;
        return answered == null
                ? new Timings.Builder()
                        .set(Phase.CALL, Readings.nowOr(group.startNanos, group.engine.ticker) - group.startNanos)
                        .build()
                : answered.timings(group.startNanos);
    }

    /** How the value came about. */
    @Override
    public Answer<O> get() {
        RequestPass<I, O> answered = pass;
        if (answered == null) {
            throw new IllegalStateException("call " + id + " has a value without a request");
        }
        return answered.answer(value(), group.startNanos);
    }

    /** Stops the request that carries this call, where it carries no other live one. */
    void abortDeadRequest(Throwable reason) {
        RequestPass<I, O> current = pass;
        if (current != null) {
            current.abortIfDead(reason);
        }
    }

    Failures failures() {
        RequestPass<I, O> current = pass;
        return current == null ? group.engine.failures : current.failures();
    }

    int attempts() {
        RequestPass<I, O> current = pass;
        return current == null ? 0 : current.history().reasons().size();
    }

    List<InferenceException> attemptErrors() {
        RequestPass<I, O> current = pass;
        return current == null ? List.of() : current.history().errors();
    }

    void stopRetrying() {
        RequestPass<I, O> current = pass;
        if (current != null) {
            current.stopRetrying();
        }
    }
}
