package io.foretell.scorecard;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.BatchPolicy;
import io.foretell.testing.FakeClock;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches that are refused as a whole for what some of their items are. */
@Tag("scorecard")
@Timeout(120)
class BatchLadderRowsTest {
    private static final int SIZE = 64;

    /** For one bad item: 1 + 2 · log₂ 64. */
    private static final int MOST_REQUESTS = 13;

    private static final BatchPolicy TOGETHER =
            BatchPolicy.builder().maxItems(SIZE).linger(Duration.ofMinutes(1)).build();

    private static final int LIMIT = 1 << 20;
    private static final int LARGE = 300 << 10;
    private static final int FITTING = LIMIT / LARGE;
    private static final int ITEMS = Scorecard.quick(30, 120);
    private static final int TOO_LARGE = ITEMS / 2;
    private static final BatchPolicy LARGE_BATCHES =
            BatchPolicy.builder().maxItems(8).linger(Duration.ofSeconds(1)).build();

    /** gRPC's server prints each request that is too large, with its stack. */
    private static final Logger SERVER = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream");

    private final long seed = new SplittableRandom().nextLong();

    @BeforeAll
    static void quiet() {
        SERVER.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        SERVER.setLevel(null);
    }

    /** A server whose model refuses a batch with this item. */
    private static ItemServer poisonedBy(int number) {
        return new ItemServer(SIZE).model(words -> {
            if (words.stream().anyMatch(word -> word.number() == number)) {
                throw new IllegalArgumentException("cannot be read");
            }
            return words;
        });
    }

    @Test
    void poison_failsAlone() throws Exception {
        Scorecard.row("D8", "1 poison in 64, at each of the 64 places", row -> {
            row.inject("virtual time");
            long most = 0;
            long alone = 0;
            for (int poison = 0; poison < SIZE; poison++) {
                FakeClock clock = new FakeClock();
                ItemServer server = poisonedBy(poison);
                ItemTransport transport = new ItemTransport(server, clock, items -> 0);
                try (ItemClient client = ItemClient.virtual(SIZE, clock, transport, TOGETHER)) {
                    client.predict(0, SIZE);
                    clock.advance(Duration.ofMinutes(1));
                    alone += isAlone(client.ledger(), poison) ? 1 : 0;
                    most = Math.max(most, server.requests());
                    client.predictor().close();
                }
            }
            row.exactly("it fails and 63 succeed", SIZE, alone);
            row.atMost("requests", MOST_REQUESTS, most);
        });
    }

    private static boolean isAlone(Ledger ledger, int poison) {
        return ledger.outcome(poison) == Outcome.FAILURE && ledger.count(Outcome.SUCCESS) == SIZE - 1;
    }

    @ParameterizedTest
    @EnumSource
    void poison_failsAloneOnTheWire(Target.Protocol protocol) throws Exception {
        Scorecard.row("D8", "1 poison in 64, " + protocol, row -> {
            row.inject("sandbox").seed(seed);
            int poison = new SplittableRandom(seed).nextInt(SIZE);
            ItemServer server = poisonedBy(poison);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client = ItemClient.real(SIZE, target.transport(), TOGETHER)) {
                client.predict(0, SIZE);
                client.ledger().settle();
                row.exactly("succeed", SIZE - 1, client.ledger().count(Outcome.SUCCESS));
                row.holds("the poison fails", client.ledger().outcome(poison) == Outcome.FAILURE);
                row.measured("with", category(client.ledger().error(poison)));
                row.atMost("requests", MOST_REQUESTS, target.requests());
                client.balance(row, target::requests);
            }
        });
    }

    private static Object category(Throwable error) {
        return error instanceof InferenceException failure ? failure.category() : error;
    }

    @ParameterizedTest
    @EnumSource
    void tooLargeBatches_areHalved(Target.Protocol protocol) throws Exception {
        Scorecard.row("D9", "server takes 1 MiB, items of 300 KiB and one of 2 MiB, " + protocol, row -> {
            row.inject("sandbox");
            ItemServer server = new ItemServer(2 * ITEMS);
            try (ItemTarget target = ItemTarget.start(protocol, server, LIMIT);
                    ItemClient client = ItemClient.real(2 * ITEMS, target.transport(), LARGE_BATCHES)) {
                predictLarge(client, 0);
                row.holds("flush waits for all of it", flushed(client));
                row.exactly(
                        "fitting items that succeed", ITEMS - 1, client.ledger().count(Outcome.SUCCESS));
                row.exactly("too large", 1, client.ledger().count(ErrorCategory.PAYLOAD_TOO_LARGE));
                row.holds("it is the large one", client.ledger().outcome(TOO_LARGE) == Outcome.FAILURE);
                long learning = client.ledger().attempts();
                row.measured("requests while it learns", learning);
                predictLarge(client, ITEMS);
                client.ledger().settle();
                double least = Math.ceil((double) (ITEMS - 1) / FITTING) + 1;
                row.atMost(
                        "requests of the ideal, once learnt",
                        2,
                        (client.ledger().attempts() - learning) / least);
                client.ends(row); // gRPC's server drops what is too large before it can be counted
                row.atLeast("attempts", target.requests(), client.ledger().attempts());
            }
        });
    }

    private static void predictLarge(ItemClient client, int from) {
        for (int item = 0; item < ITEMS; item++) {
            client.predict(Item.of(from + item).withBytes(item == TOO_LARGE ? 2 * LIMIT : LARGE));
        }
    }

    /** Whether all items have ended when the flush has. */
    private static boolean flushed(ItemClient client) {
        CompletableFuture<Integer> ended = client.predictor().flush().thenApply(nothing -> client.ended());
        Eventually.holds(ended::isDone, Scorecard.GUARD);
        return ended.getNow(0) == ITEMS;
    }
}
