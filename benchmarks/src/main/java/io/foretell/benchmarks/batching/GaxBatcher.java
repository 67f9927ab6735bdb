package io.foretell.benchmarks.batching;

import com.google.api.core.ApiFuture;
import com.google.api.core.SettableApiFuture;
import com.google.api.gax.batching.BatchEntry;
import com.google.api.gax.batching.Batcher;
import com.google.api.gax.batching.BatcherImpl;
import com.google.api.gax.batching.BatchingDescriptor;
import com.google.api.gax.batching.BatchingRequestBuilder;
import com.google.api.gax.batching.BatchingSettings;
import com.google.api.gax.rpc.ApiCallContext;
import com.google.api.gax.rpc.UnaryCallable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** The batcher of Google's client libraries before a model that takes and gives lists. */
final class GaxBatcher<T> implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "gax-timer");
        thread.setDaemon(true);
        return thread;
    });
    private final Batcher<T, T> batcher;

    GaxBatcher(int maxItems, Duration delay, Function<List<T>, CompletableFuture<List<T>>> model) {
        BatchingSettings settings = BatchingSettings.newBuilder()
                .setElementCountThreshold((long) maxItems)
                .setRequestByteThreshold(Long.MAX_VALUE)
                .setDelayThresholdDuration(delay)
                .build();
        this.batcher = new BatcherImpl<>(
                new ListDescriptor<T>(), new ModelCallable<>(model), List.of(), settings, timer, null, null);
    }

    ApiFuture<T> submit(T input) {
        return batcher.add(input);
    }

    CompletableFuture<T> ask(T input) {
        ApiFuture<T> answer = submit(input);
        CompletableFuture<T> future = new CompletableFuture<>();
        answer.addListener(() -> future.complete(valueOf(answer)), Runnable::run);
        return future;
    }

    private static <T> T valueOf(ApiFuture<T> done) {
        try {
            return done.get();
        } catch (InterruptedException | ExecutionException fault) {
            throw new IllegalStateException(fault);
        }
    }

    @Override
    public void close() {
        batcher.closeAsync();
        timer.shutdown();
    }

    private static final class ModelCallable<T> extends UnaryCallable<List<T>, List<T>> {
        private final Function<List<T>, CompletableFuture<List<T>>> model;

        ModelCallable(Function<List<T>, CompletableFuture<List<T>>> model) {
            this.model = model;
        }

        @Override
        public ApiFuture<List<T>> futureCall(List<T> inputs, ApiCallContext context) {
            SettableApiFuture<List<T>> answers = SettableApiFuture.create();
            model.apply(inputs).thenAccept(answers::set);
            return answers;
        }
    }

    private static final class ListDescriptor<T> implements BatchingDescriptor<T, T, List<T>, List<T>> {
        @Override
        public BatchingRequestBuilder<T, List<T>> newRequestBuilder(List<T> prototype) {
            List<T> inputs = new ArrayList<>();
            return new BatchingRequestBuilder<>() {
                @Override
                public void add(T input) {
                    inputs.add(input);
                }

                @Override
                public List<T> build() {
                    return inputs;
                }
            };
        }

        @Override
        public void splitResponse(List<T> answers, List<BatchEntry<T, T>> batch) {
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).getResultFuture().set(answers.get(i));
            }
        }

        @Override
        public void splitException(Throwable fault, List<BatchEntry<T, T>> batch) {
            batch.forEach(entry -> entry.getResultFuture().setException(fault));
        }

        @Override
        public long countBytes(T input) {
            return 1;
        }
    }
}
