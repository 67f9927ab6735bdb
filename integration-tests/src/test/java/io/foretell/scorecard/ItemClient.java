package io.foretell.scorecard;

import io.foretell.BatchSnapshot;
import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import io.foretell.time.Ticker;
import io.foretell.transport.Transport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** A batching client of items with its books. Thread-safe. */
final class ItemClient implements AutoCloseable {
    private final Ledger ledger;
    private final LongAdder wrong = new LongAdder();
    private final AtomicInteger ended = new AtomicInteger();
    private final LongSupplier timers;
    private final Runnable stop;
    private final Predictor<Item, Integer> predictor;

    private ItemClient(
            int items,
            PredictorBuilder<Item, Integer> settings,
            BatchPolicy policy,
            LongSupplier timers,
            Runnable stop) {
        this.ledger = new Ledger(items);
        this.timers = timers;
        this.stop = stop;
        this.predictor = settings.listener(ledger.listener()).batching(policy).build();
    }

    /** A client in virtual time, whose callbacks run on the thread that has them. */
    static ItemClient virtual(int items, FakeClock clock, Transport transport, BatchPolicy policy) {
        return virtual(items, clock, transport, policy, new ItemCodec());
    }

    /** The same with a codec of a row's own. */
    static ItemClient virtual(int items, FakeClock clock, Transport transport, BatchPolicy policy, ItemCodec codec) {
        PredictorBuilder<Item, Integer> builder =
                builder(transport, codec).time(clock, clock).callbackExecutor(Runnable::run);
        return new ItemClient(items, builder, policy, clock::pendingTimers, () -> {});
    }

    /** A client in the system's time. */
    static ItemClient real(int items, Transport transport, BatchPolicy policy) {
        return real(items, transport, policy, new ItemCodec());
    }

    /** The same with a codec of a row's own. */
    static ItemClient real(int items, Transport transport, BatchPolicy policy, ItemCodec codec) {
        PendingTimers timers = new PendingTimers();
        PredictorBuilder<Item, Integer> builder = builder(transport, codec).time(Ticker.system(), timers);
        return new ItemClient(items, builder, policy, timers::pending, timers::close);
    }

    private static PredictorBuilder<Item, Integer> builder(Transport transport, ItemCodec codec) {
        return Predictor.builder(codec).transport(transport).timeout(Trial.DEADLINE);
    }

    /** Predicts an item that is not in the books yet. */
    CompletableFuture<Integer> predict(Item item) {
        return predict(item, CallOptions.none());
    }

    /** Predicts an item that is not in the books yet. */
    CompletableFuture<Integer> predict(Item item, CallOptions options) {
        CompletableFuture<Integer> answer = predictor.predictAsync(item, options);
        ledger.enter(item.number(), answer);
        answer.whenComplete((number, failure) -> {
            if (failure == null && number != item.number()) {
                wrong.increment();
            }
            ended.incrementAndGet();
        });
        return answer;
    }

    /** Predicts items of these numbers. */
    void predict(int from, int to) {
        for (int number = from; number < to; number++) {
            predict(Item.of(number));
        }
    }

    /** How many items have ended. */
    int ended() {
        return ended.get();
    }

    Predictor<Item, Integer> predictor() {
        return predictor;
    }

    Ledger ledger() {
        return ledger;
    }

    /** Enters into the row whether each item has ended once, with its own answer, and nothing is left. */
    void balance(Row row, LongSupplier requests) {
        ledger.balance(row, requests);
        atRest(row);
    }

    /** The same, where some requests may not have reached a server. */
    void ends(Row row) {
        ledger.ends(row);
        atRest(row);
    }

    private void atRest(Row row) {
        row.exactly("wrong answers", 0, wrong.sum());
        row.exactly(
                "items queued, batches in flight, timers left", 0, Eventually.counts(0, this::left, Scorecard.GUARD));
    }

    /** How many items are queued, batches in flight, and timers set. */
    long left() {
        BatchSnapshot seen = predictor.batches();
        return seen.queued() + seen.inFlight() + timers.getAsLong();
    }

    @Override
    public void close() {
        predictor.close();
        stop.run();
    }
}
