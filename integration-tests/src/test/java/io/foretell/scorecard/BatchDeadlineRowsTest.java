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
    private static final Duration DEADLINE = Duration.ofMillis(30);
    private static final Duration SERVICE = Duration.ofMillis(10);
    private static final BatchPolicy PATIENT =
            BatchPolicy.builder().linger(Duration.ofMillis(100)).build();
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
        Scorecard.row("D11", "linger 100 ms, deadlines 30 ms, service 10 ms, " + protocol, row -> {
            row.inject("sandbox");
            OpenLoad load = OpenLoad.of(PER_SECOND, Scorecard.quick(Duration.ofSeconds(1), Duration.ofSeconds(10)));
            Expired expired = new Expired(2 * load.calls(), System::nanoTime);
            ItemServer server = new ItemServer(2 * load.calls()).onArrival(expired::arrive);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client = ItemClient.real(2 * load.calls(), target.transport(), PATIENT)) {
                warmUp(client, load.calls());
                server.serial(size -> SERVICE.toNanos());
                load.run(new Ledger(load.calls()), number -> {
                    expired.starts(number);
                    return client.predict(Item.of(number), OPTIONS);
                });
                client.ledger().settle();
                long inTime = client.ledger().count(Outcome.SUCCESS, 0, load.calls());
                row.within("missed %", 0.1, 100.0 - 100.0 * inTime / load.calls());
                row.within("expired items that arrived", 0, expired.count());
                row.measured("items a batch", (double) 2 * load.calls() / server.requests());
                client.ends(row);
            }
        });
    }

    /** The first calls of a JVM take long. */
    private static void warmUp(ItemClient client, int from) {
        client.predict(from, 2 * from);
        client.ledger().settle();
    }
}
