package io.foretell.scorecard;

import com.google.api.core.ApiFuture;
import com.google.api.core.ApiFutures;
import com.google.api.core.SettableApiFuture;
import com.google.api.gax.batching.FlowController.FlowControlRuntimeException;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What gax's batcher does where this library promises better: one method for each trap, each against the batcher itself
 * and over within seconds. They are the anchors of the rows of batching.
 */
final class GaxBatcherTraps {
    /** How long it is waited for before it is said to hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final Duration NEVER = Duration.ofHours(1);
    private static final int MANY = 1_000_000;

    private GaxBatcherTraps() {}

    /** D2: how long after the item that fills a batch the batch is sent. */
    static Duration fullBatchWaits(int items, Duration linger) {
        AtomicLong sent = new AtomicLong();
        try (GaxBatcher batcher = new GaxBatcher(items, linger, MANY, numbers -> {
            sent.set(System.nanoTime());
            return ApiFutures.immediateFuture(numbers);
        })) {
            for (int number = 0; number < items; number++) {
                batcher.add(number);
            }
            long filled = System.nanoTime();
            Eventually.holds(() -> sent.get() != 0, linger.plus(PATIENCE));
            return Duration.ofNanos(sent.get() - filled);
        }
    }

    /**
     * What is left of a batch whose answer was short.
     *
     * @param open items that have not ended
     * @param closed whether a close has
     * @param hung whether the thread that brought the answer is still busy with it
     */
    record Left(int open, boolean closed, boolean hung) {
        @Override
        public String toString() {
            return open + " item open, close " + (closed ? "ends" : "hangs") + ", the thread with the answer "
                    + (hung ? "hangs" : "goes on");
        }
    }

    /** D4: what is left of four items where the answer lacks one. */
    static Left missingAnswer() throws InterruptedException {
        SettableApiFuture<List<Integer>> answer = SettableApiFuture.create();
        try (GaxBatcher batcher = new GaxBatcher(10, NEVER, MANY, numbers -> answer)) {
            List<ApiFuture<Integer>> items = new ArrayList<>();
            for (int number = 0; number < 4; number++) {
                items.add(batcher.add(number));
            }
            batcher.sendOutstanding();
            Thread completing = GaxBatcher.daemon(() -> answer.set(List.of(1, 2, 3)));
            completing.start();
            boolean closed = batcher.closesWithin(PATIENCE);
            boolean hung = completing.isAlive();
            int open = (int) items.stream().filter(item -> !item.isDone()).count();
            completing.interrupt(); // it has waited enough
            completing.join(PATIENCE.toMillis());
            return new Left(open, closed, hung);
        }
    }

    /** D5: how many of a hundred good items are refused after as many that cannot be encoded. */
    static int refusedAfterBadItems() {
        int refused = 0;
        try (GaxBatcher batcher = new GaxBatcher(10, NEVER, 100, ApiFutures::immediateFuture)) {
            for (int item = 1; item <= 200; item++) {
                refused += isRefused(batcher, item <= 100 ? -item : item) ? 1 : 0;
            }
        }
        return refused;
    }

    /**
     * D5: of 99 good items in each hundred, the share that is refused where the hundredth cannot be encoded, and a
     * hundred may be out at once. Each hundred is flushed.
     */
    static double goodItemsRefused(int hundreds) throws InterruptedException {
        int refused = 0;
        try (GaxBatcher batcher = new GaxBatcher(10, NEVER, 100, ApiFutures::immediateFuture)) {
            for (int item = 1; item <= hundreds * 100; item++) {
                refused += isRefused(batcher, item % 100 == 0 ? -item : item) ? 1 : 0;
                if (item % 100 == 0) {
                    batcher.flush();
                }
            }
        }
        return (double) refused / (hundreds * 99);
    }

    private static boolean isRefused(GaxBatcher batcher, int number) {
        try {
            batcher.add(number);
            return false;
        } catch (FlowControlRuntimeException full) {
            return number > 0;
        } catch (IllegalArgumentException bad) {
            return false;
        }
    }

    /** D6: whether a flush comes back that an item's callback calls, on the thread that completes the item. */
    static boolean returnsFromFlushInACallback() throws InterruptedException {
        SettableApiFuture<List<Integer>> answer = SettableApiFuture.create();
        CompletableFuture<Boolean> returned = new CompletableFuture<>();
        try (GaxBatcher batcher = new GaxBatcher(10, NEVER, MANY, numbers -> answer)) {
            batcher.add(1).addListener(() -> returned.complete(flushes(batcher)), MoreExecutors.directExecutor());
            batcher.sendOutstanding();
            Thread completing = GaxBatcher.daemon(() -> answer.set(List.of(1)));
            completing.start();
            completing.join(PATIENCE.toMillis());
            boolean inTime = returned.getNow(false);
            completing.interrupt(); // it has waited enough
            completing.join(PATIENCE.toMillis());
            return inTime;
        }
    }

    private static boolean flushes(GaxBatcher batcher) {
        try {
            batcher.flush();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** D7: what became of batchers that were closed at random moments, while their timer was at work. */
    static Closes closedAtRandom(int runs, long seed) throws InterruptedException {
        ScheduledExecutorService server = Executors.newScheduledThreadPool(1, GaxBatcher::daemon);
        SplittableRandom random = new SplittableRandom(seed);
        Closes closes = new Closes(0, 0, 0);
        for (int run = 0; run < runs; run++) {
            closes = closes.plus(closedAtRandom(server, random));
        }
        server.shutdownNow();
        return closes;
    }

    /**
     * How often something went wrong.
     *
     * @param early closes that were over before all items were
     * @param notOnce items that were not sent exactly once
     */
    record Closes(int runs, int early, int notOnce) {
        Closes plus(Closes other) {
            return new Closes(runs + other.runs, early + other.early, notOnce + other.notOnce);
        }

        @Override
        public String toString() {
            return early + " of " + runs + " closes too early, " + notOnce + " items not sent once";
        }
    }

    private static Closes closedAtRandom(ScheduledExecutorService server, SplittableRandom random)
            throws InterruptedException {
        int most = 50;
        AtomicIntegerArray sent = new AtomicIntegerArray(most);
        List<ApiFuture<Integer>> items = new ArrayList<>();
        boolean early;
        try (GaxBatcher batcher = new GaxBatcher(4, Duration.ofMillis(1), MANY, numbers -> {
            numbers.forEach(sent::incrementAndGet);
            SettableApiFuture<List<Integer>> answer = SettableApiFuture.create();
            server.schedule(() -> answer.set(numbers), 100, TimeUnit.MICROSECONDS);
            return answer;
        })) {
            int count = random.nextInt(1, most);
            for (int number = 0; number < count; number++) {
                items.add(batcher.add(number));
                LockSupport.parkNanos(random.nextLong(1, 50_000));
            }
            boolean closed = batcher.closesWithin(Scorecard.GUARD);
            early = closed && items.stream().anyMatch(item -> !item.isDone());
            Eventually.holds(() -> items.stream().allMatch(ApiFuture::isDone), PATIENCE); // what came late is no loss
        }
        int notOnce = 0;
        for (int number = 0; number < items.size(); number++) {
            notOnce += sent.get(number) == 1 ? 0 : 1;
        }
        return new Closes(1, early ? 1 : 0, notOnce);
    }
}
