package io.foretell.benchmarks.batching;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What a user would write by hand: a queue, and a thread that takes the first, waits a little for more, and sends them. */
final class QueueBatcher<T> implements AutoCloseable {
    private final int maxItems;
    private final long lingerNanos;
    private final Function<List<T>, CompletableFuture<List<T>>> model;
    private final BlockingQueue<Pending<T>> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "queue-batcher");

    private record Pending<T>(T input, CompletableFuture<T> answer) {}

    QueueBatcher(int maxItems, Duration linger, Function<List<T>, CompletableFuture<List<T>>> model) {
        this.maxItems = maxItems;
        this.lingerNanos = linger.toNanos();
        this.model = model;
        thread.setDaemon(true);
        thread.start();
    }

    CompletableFuture<T> submit(T input) {
        Pending<T> pending = new Pending<>(input, new CompletableFuture<>());
        queue.add(pending);
        return pending.answer;
    }

    private void run() {
        try {
            while (true) {
                send(gather());
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Pending<T>> gather() throws InterruptedException {
        List<Pending<T>> batch = new ArrayList<>(maxItems);
        batch.add(queue.take());
        long due = System.nanoTime() + lingerNanos;
        queue.drainTo(batch, maxItems - 1);
        while (batch.size() < maxItems) {
            Pending<T> next = queue.poll(due - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            batch.add(next);
            queue.drainTo(batch, maxItems - batch.size());
        }
        return batch;
    }

    private void send(List<Pending<T>> batch) {
        List<T> inputs = new ArrayList<>(batch.size());
        for (Pending<T> pending : batch) {
            inputs.add(pending.input);
        }
        List<T> answers = model.apply(inputs).join();
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).answer.complete(answers.get(i));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
