package io.foretell.scorecard;

import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;

/** What answers items, whatever they come by, and its books of them: how often each was sent, and in which batches. Thread-safe. */
final class ItemServer implements Model {
    private final AtomicIntegerArray seen;
    private final Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
    private final AtomicLong requests = new AtomicLong();
    private final LongAdder mixed = new LongAdder();
    private volatile long lastArrival;
    private volatile UnaryOperator<List<Word>> model = words -> words;
    private volatile Consumer<List<Word>> onArrival = words -> {};

    /** @param items one more than the highest number */
    ItemServer(int items) {
        seen = new AtomicIntegerArray(items);
    }

    /** What it makes of the words of a request from now on; it may block, and throw what a {@link Model} may. */
    ItemServer model(UnaryOperator<List<Word>> model) {
        this.model = model;
        return this;
    }

    /** Takes so many nanoseconds for a request of so many items. */
    ItemServer service(IntToLongFunction nanos) {
        return model(words -> {
            pass(nanos.applyAsLong(words.size()));
            return words;
        });
    }

    /** The same, and takes one request after the other. */
    ItemServer serial(IntToLongFunction nanos) {
        ReentrantLock turn = new ReentrantLock(true);
        return model(words -> {
            turn.lock();
            try {
                pass(nanos.applyAsLong(words.size()));
            } finally {
                turn.unlock();
            }
            return words;
        });
    }

    private static void pass(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Shows each request from now on to a row, as it comes. */
    ItemServer onArrival(Consumer<List<Word>> onArrival) {
        this.onArrival = onArrival;
        return this;
    }

    @Override
    public Map<String, TensorSpec> inputs() {
        return Map.of(ItemCodec.INPUT, TensorSpec.of(DType.STRING, -1));
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return Map.of(ItemCodec.OUTPUT, TensorSpec.of(DType.STRING, -1));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return answered(arrived(inputs));
    }

    /** Enters a request into the books. */
    List<Word> arrived(Map<String, Tensor> inputs) {
        lastArrival = System.nanoTime();
        List<Word> words = Word.words(inputs.get(ItemCodec.INPUT));
        words.forEach(word -> seen.incrementAndGet(word.number()));
        if (words.stream().mapToInt(Word::key).distinct().count() > 1) {
            mixed.increment();
        }
        onArrival.accept(words);
        sizes.add(words.size());
        requests.incrementAndGet(); // last: who waits for it finds the rest
        return words;
    }

    Map<String, Tensor> answered(List<Word> words) {
        List<String> answers = model.apply(words).stream().map(Word::text).toList();
        return Map.of(ItemCodec.OUTPUT, Word.tensor(answers));
    }

    /** How often an item came. */
    int seen(int number) {
        return seen.get(number);
    }

    long requests() {
        return requests.get();
    }

    /** How many requests held items of different keys. */
    long mixed() {
        return mixed.sum();
    }

    /** How many items each request held, in the order they came. */
    List<Integer> sizes() {
        return List.copyOf(sizes);
    }

    /** When the last request came, by the system's ticker. */
    long lastArrival() {
        return lastArrival;
    }
}
