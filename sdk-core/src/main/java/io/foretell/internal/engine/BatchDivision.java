package io.foretell.internal.engine;

import io.foretell.internal.batch.Batch;
import io.foretell.internal.gate.Gate;
import io.foretell.policy.BatchPolicy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one batch, one after the other, since it has one slot. Who raises {@code turn} from zero sends the next;
 * who raises it further, within that or later, makes him send one more.
 */
final class BatchDivision<I, O> extends Division<I, O> {
    private final Batch<Call<I, O>> batch;
    private final boolean inOrder;
    private final Deque<List<Call<I, O>>> parts = new ArrayDeque<>();
    private final AtomicInteger turn = new AtomicInteger();
    private int bisections;
    private boolean divided;
    private Batch.End end = Batch.End.ANSWERED;

    BatchDivision(Engine<I, O> engine, Batch<Call<I, O>> batch, BatchPolicy policy) {
        super(engine);
        this.batch = batch;
        this.bisections = policy.maxBisections();
        this.inOrder = policy.preserveOrder();
        this.parts.add(batch.items());
    }

    /** Sends the next part; when there is none, the batch is over. */
    void next() {
        if (turn.getAndIncrement() == 0) {
            do {
                List<Call<I, O>> part = parts.poll();
                if (part == null) {
                    batch.over(end);
                } else {
                    engine.send(part, this);
                }
            } while (turn.decrementAndGet() != 0);
        }
    }

    @Override
    boolean mayBisect() {
        if (bisections == 0 || !super.mayBisect()) {
            return false;
        }
        bisections--;
        batch.counts().bisect();
        return true;
    }

    @Override
    void tooLarge(List<Call<I, O>> calls, boolean encoding) {
        batch.counts().split();
        // What the codec does not take says nothing of sizes, nor do the parts of one batch.
        if (!encoding && !divided) {
            batch.tooLarge(calls.size(), calls.stream().mapToLong(Call::bytes).sum());
        }
    }

    @Override
    void goOn(List<Call<I, O>> first, List<Call<I, O>> second) {
        divided = true;
        parts.push(second);
        parts.push(first);
        end = Batch.End.OTHER; // its time is not that of one request
        next();
    }

    @Override
    void ended(@Nullable Throwable error) {
        if (error != null && end != Batch.End.OVERLOADED) {
            boolean dropped = ErrorRules.outcome(ErrorRules.category(error)) == Gate.Outcome.DROPPED;
            end = dropped ? Batch.End.OVERLOADED : Batch.End.OTHER;
        }
        if (parts.isEmpty()) {
            batch.over(end); // at once, also where next() is still sending: users' callbacks come after this
        } else {
            next();
        }
    }

    @Override
    void unreadable() {
        batch.counts().mismatch();
    }

    @Override
    boolean inOrder() {
        return inOrder;
    }

    /** Those of a batch belong to no caller. */
    @Override
    Callbacks callbacks(CallGroup<I, O> group) {
        return engine.callbacks;
    }

    @Override
    long waitedNanos(long startNanos) {
        return Math.max(0, batch.leftNanos() - startNanos);
    }
}
