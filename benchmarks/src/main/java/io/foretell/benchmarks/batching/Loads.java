package io.foretell.benchmarks.batching;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls on one {@link Way}, all of which must get their own answers. */
final class Loads {
    private static final long TIMEOUT_SECONDS = 60;

    private Loads() {}

    /** So many clients, each of which asks again when it is answered. Returns items a second. */
    static double closed(Way way, int clients, int items) throws InterruptedException {
        Clients all = new Clients(way, items);
        for (int i = 0; i < clients; i++) {
            all.ask();
        }
        await(all.left);
        return way.server().rate();
    }

    private static final class Clients {
        private final Way way;
        private final int items;
        private final AtomicInteger asked = new AtomicInteger();
        private final CountDownLatch left;

        Clients(Way way, int items) {
            this.way = way;
            this.items = items;
            this.left = new CountDownLatch(items);
        }

        void ask() {
            int number = asked.getAndIncrement();
            if (number < items) {
                way.ask(number).thenRun(() -> {
                    left.countDown();
                    ask();
                });
            }
        }
    }

    /** A call at each of the times, whatever became of those before. Returns the latencies from these times, in nanoseconds. */
    static long[] open(Way way, long[] arrivals) throws InterruptedException {
        long[] latencies = new long[arrivals.length];
        CountDownLatch left = new CountDownLatch(arrivals.length);
        long start = System.nanoTime();
        for (int i = 0; i < arrivals.length; i++) {
            int number = i;
            long due = start + arrivals[i];
            Clock.waitUntil(due);
            way.ask(i).thenRun(() -> {
                latencies[number] = System.nanoTime() - due;
                left.countDown();
            });
        }
        await(left);
        return latencies;
    }

    private static void await(CountDownLatch left) throws InterruptedException {
        if (!left.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(left.getCount() + " calls have no answer, or a wrong one");
        }
    }

    /** When calls come that know nothing of each other, in nanoseconds. */
    static long[] poisson(double perSecond, int items, long seed) {
        Random random = new Random(seed);
        long[] arrivals = new long[items];
        double now = 0;
        for (int i = 0; i < items; i++) {
            now -= Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
            arrivals[i] = (long) now;
        }
        return arrivals;
    }

    /** The latencies of a client that costs nothing: whenever the server is free, what has come leaves, at most a full batch. */
    static long[] simulated(long[] arrivals) {
        long[] latencies = new long[arrivals.length];
        long free = 0;
        for (int first = 0, next = 0; first < arrivals.length; first = next) {
            long start = Math.max(free, arrivals[first]);
            while (next < arrivals.length && next - first < Server.MAX_ITEMS && arrivals[next] <= start) {
                next++;
            }
            free = start + Server.serviceNanos(next - first);
            for (int i = first; i < next; i++) {
                latencies[i] = free - arrivals[i];
            }
        }
        return latencies;
    }

    /** In milliseconds. */
    static double percentile(long[] nanos, double percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(sorted.length * percent / 100) - 1] / 1e6;
    }
}
