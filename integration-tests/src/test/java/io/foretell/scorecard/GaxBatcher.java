package io.foretell.scorecard;

import com.google.api.core.ApiFuture;
import com.google.api.gax.batching.BatchEntry;
import com.google.api.gax.batching.BatcherImpl;
import com.google.api.gax.batching.BatchingDescriptor;
import com.google.api.gax.batching.BatchingRequestBuilder;
import com.google.api.gax.batching.BatchingSettings;
import com.google.api.gax.batching.FlowControlSettings;
import com.google.api.gax.batching.FlowController;
import com.google.api.gax.batching.FlowController.LimitExceededBehavior;
import com.google.api.gax.rpc.ApiCallContext;
import com.google.api.gax.rpc.UnaryCallable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * gax's batcher of numbers, each answered by itself. What it lacks of a server is a function. To be used from one thread,
 * as gax says, but for {@link #sendOutstanding}.
 */
final class GaxBatcher implements AutoCloseable {
    private static final long MAX_BYTES = 1 << 20;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(GaxBatcher::daemon);
    private final BatcherImpl<Integer, Integer, List<Integer>, List<Integer>> batcher;

    /** @param maxOutstanding beyond which an item is refused */
    GaxBatcher(
            int maxItems,
            Duration linger,
            int maxOutstanding,
            Function<List<Integer>, ApiFuture<List<Integer>>> server) {
        FlowControlSettings limits = FlowControlSettings.newBuilder()
                .setMaxOutstandingElementCount((long) maxOutstanding)
                .setLimitExceededBehavior(LimitExceededBehavior.ThrowException)
                .build();
        BatchingSettings settings = BatchingSettings.newBuilder()
                .setElementCountThreshold((long) maxItems)
                .setRequestByteThreshold(MAX_BYTES)
                .setDelayThresholdDuration(linger)
                .setFlowControlSettings(limits)
                .build();
        batcher = new BatcherImpl<>(
                new ByNumber(), callable(server), List.of(), settings, timer, new FlowController(limits), null);
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "gax-batcher");
        thread.setDaemon(true);
        return thread;
    }

    private static UnaryCallable<List<Integer>, List<Integer>> callable(
            Function<List<Integer>, ApiFuture<List<Integer>>> server) {
        return new UnaryCallable<>() {
            @Override
            public ApiFuture<List<Integer>> futureCall(List<Integer> request, ApiCallContext context) {
                return server.apply(request);
            }
        };
    }

    /** Throws for a number below zero, as the request's builder does. */
    ApiFuture<Integer> add(int number) {
        return batcher.add(number);
    }

    void sendOutstanding() {
        batcher.sendOutstanding();
    }

    /** Sends what there is and waits for all answers. */
    void flush() throws InterruptedException {
        batcher.flush();
    }

    /** Closes it; whether that ends in time. */
    boolean closesWithin(Duration patience) throws InterruptedException {
        try {
            batcher.closeAsync().get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) { // some item failed
            return true;
        }
    }

    /** Without waiting for anything. */
    @Override
    public void close() {
        batcher.closeAsync();
        timer.shutdownNow();
    }

    /** Joins numbers to a request, and matches the numbers of its answer. */
    private static final class ByNumber implements BatchingDescriptor<Integer, Integer, List<Integer>, List<Integer>> {
        @Override
        public BatchingRequestBuilder<Integer, List<Integer>> newRequestBuilder(List<Integer> prototype) {
            List<Integer> numbers = new ArrayList<>(prototype);
            return new BatchingRequestBuilder<>() {
                @Override
                public void add(Integer number) {
                    if (number < 0) {
                        throw new IllegalArgumentException("cannot be encoded: " + number);
                    }
                    numbers.add(number);
                }

                @Override
                public List<Integer> build() {
                    return List.copyOf(numbers);
                }
            };
        }

        @Override
        public void splitResponse(List<Integer> answer, List<BatchEntry<Integer, Integer>> batch) {
            Set<Integer> answered = new HashSet<>(answer);
            for (BatchEntry<Integer, Integer> entry : batch) {
                if (answered.contains(entry.getElement())) {
                    entry.getResultFuture().set(entry.getElement());
                }
            }
        }

        @Override
        public void splitException(Throwable failure, List<BatchEntry<Integer, Integer>> batch) {
            batch.forEach(entry -> entry.getResultFuture().setException(failure));
        }

        @Override
        public long countBytes(Integer number) {
            return Integer.BYTES;
        }
    }
}
