package io.foretell.benchmarks.batching;

import io.foretell.error.InferenceException;
import io.foretell.internal.batch.Batch;
import io.foretell.internal.batch.Batcher;
import io.foretell.internal.batch.Item;
import io.foretell.policy.BatchPolicy;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The least that can be batched: an input and the future of its answer. */
final class Call extends Item {
    private static final long START = Ticker.system().nanos();

    private final Object input;
    private final CompletableFuture<Object> answer = new CompletableFuture<>();

    private Call(Object input) {
        this.input = input;
    }

    static Batcher<Call> batcher(BatchPolicy.Builder policy, Consumer<Batch<Call>> model, Scheduler timers) {
        BatchPolicy whole = policy.maxItems(BatcherCostBenchmark.MAX_ITEMS)
                .maxQueuedItems(1_000_000)
                .build();
        return new Batcher<>(whole, "benchmark", Ticker.system(), timers, Runnable::run, model);
    }

    static CompletableFuture<Object> submit(Batcher<Call> batcher, Object input) {
        Call call = new Call(input);
        batcher.add(call, "inputs", 0, false);
        return call.answer;
    }

    static void answer(Batch<Call> batch) {
        for (Call call : batch.items()) {
            call.answer.complete(call.input);
        }
        batch.over(Batch.End.ANSWERED);
    }

    @Override
    protected long startNanos() {
        return START;
    }

    @Override
    protected long deadlineNanos() {
        return START + Long.MAX_VALUE / 2;
    }

    @Override
    protected boolean isOver() {
        return answer.isDone();
    }

    @Override
    protected void reject(InferenceException why) {
        answer.completeExceptionally(why);
    }
}
