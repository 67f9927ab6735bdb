package io.foretell.scorecard;

import io.foretell.CallOptions;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Items that have less time than the linger. */
@Tag("scorecard")
@Timeout(120)
class BatchDeadlineRowsTest {
    private static final long SEED = 11;
    private static final int PER_SECOND = 200;
    private static final int WARM_UP = Scorecard.quick(20, 200);
    private static final Duration DEADLINE = Duration.ofMillis(30);
    private static final Duration SERVICE = Duration.ofMillis(10);
    private static final BatchPolicy PATIENT =
            BatchPolicy.builder().linger(Duration.ofMillis(100)).build();
    /** So that a batch that takes longer than expected does not hold up the next. */
    private static final BatchPolicy SLOTS = PATIENT.toBuilder().maxInFlight(4).build();

    private static final CallOptions OPTIONS = CallOptions.none().withTimeout(DEADLINE);

    /** Counts items that come when their time is over, of those that were given one. */
    private static final class Expired {
        private final AtomicLongArray deadlines;
        private final LongSupplier now;
        private final LongAdder count = new LongAdder();

        Expired(int items, LongSupplier now) {
            this.deadlines = new AtomicLongArray(items);
            this.now = now;
        }

        void starts(int number) {
            deadlines.set(number, now.getAsLong() + DEADLINE.toNanos());
        }

        void arrive(List<Word> words) {
            long nanos = now.getAsLong();
            count.add(words.stream()
                    .mapToLong(word -> deadlines.get(word.number()))
                    .filter(deadline -> deadline != 0 && deadline <= nanos)
                    .count());
        }

        long count() {
            return count.sum();
        }
    }

    @Test
    void deadline_beatsTheLinger() throws Exception {
        int items = 10_000;
        Scorecard.row("D11", "linger 100 ms, deadlines 30 ms, service 10 ms", row -> {
            row.inject("virtual time").seed(SEED);
            SplittableRandom random = new SplittableRandom(SEED);
            FakeClock clock = new FakeClock();
            Expired expired = new Expired(items, clock::nanos);
            ItemServer server = new ItemServer(items).onArrival(expired::arrive);
            ItemTransport transport = new ItemTransport(server, clock, size -> SERVICE.toNanos());
            try (ItemClient client = ItemClient.virtual(items, clock, transport, PATIENT)) {
                for (int number = 0; number < items; number++) {
                    expired.starts(number);
                    client.predict(Item.of(number), OPTIONS);
                    clock.advance(Duration.ofNanos(random.nextLong(2_000_000_000L / PER_SECOND)));
                }
                clock.advance(DEADLINE);
                row.atLeast("in time %", 99.9, 100.0 * client.ledger().count(Outcome.SUCCESS) / items);
                row.exactly("expired items sent", 0, expired.count());
                row.measured("items a batch", (double) items / server.requests());
                client.balance(row, server::requests);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void deadline_beatsTheLinger_onTheWire(Target.Protocol protocol) throws Exception {
        Scorecard.row("D11", "linger 100 ms, deadlines 30 ms, service 10 ms, 4 slots, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(10)));
            Expired expired = new Expired(load.calls() + WARM_UP, System::nanoTime);
            ItemServer server = new ItemServer(load.calls() + WARM_UP).onArrival(expired::arrive);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client = ItemClient.real(load.calls() + WARM_UP, target.transport(), SLOTS)) {
                warmUp(client, server, load.calls());
                load.run(new Ledger(load.calls()), number -> {
                    expired.starts(number);
                    return client.predict(Item.of(number), OPTIONS);
                });
                client.ledger().settle();
                long inTime = client.ledger().count(Outcome.SUCCESS, 0, load.calls());
                row.within("missed %", 0.1, 100.0 - 100.0 * inTime / load.calls());
                row.measured("of them refused by the client", client.ledger().count(Outcome.REJECTED));
                row.within("expired items that arrived", 0, expired.count());
                row.measured("items a batch", (double) load.calls() / (server.requests() - WARM_UP));
                client.ends(row);
            }
        });
    }

    /** The first requests of a JVM take long; the client learns from the last of these how long one takes. */
    private static void warmUp(ItemClient client, ItemServer server, int from) {
        for (int number = from; number < from + WARM_UP; number++) {
            if (number == from + WARM_UP * 3 / 4) {
                server.service(items -> SERVICE.toNanos());
            }
            client.predict(Item.of(number));
            client.predictor().flush().join();
        }
    }
}
