package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.codec.Codec;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.CodecException;
import io.foretell.policy.BatchPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that do not match the items of their batch. */
@Tag("scorecard")
@Timeout(120)
class BatchAnswersRowsTest {
    private static final long SEED = 4;
    private static final int ITEMS = 8;
    private static final BatchPolicy TOGETHER =
            BatchPolicy.builder().maxItems(ITEMS).linger(Duration.ofMinutes(1)).build();

    /** What a server makes of its answers, and how many items are hurt by it where they are matched by id. */
    private enum Garble {
        FEWER(1, words -> words.subList(0, words.size() - 1)),
        MORE(0, words -> joined(words, words.get(0).at(words.size()))),
        DUPLICATE(2, words -> joined(words.subList(1, words.size()), words.get(1))),
        SHUFFLED(0, words -> {
            List<Word> shuffled = new ArrayList<>(words);
            Collections.shuffle(shuffled, new Random(SEED));
            return shuffled;
        });

        private final int hurt;
        private final UnaryOperator<List<Word>> server;

        Garble(int hurt, UnaryOperator<List<Word>> server) {
            this.hurt = hurt;
            this.server = server;
        }

        private static List<Word> joined(List<Word> words, Word more) {
            List<Word> joined = new ArrayList<>(words);
            joined.add(more);
            return joined;
        }
    }

    /** A format that knows places only: one row an item. */
    private record Question(String x) {}

    private record Reply(String y) {}

    private static final Codec<Question, Reply> BY_PLACE = TensorCodecs.records(Question.class, Reply.class);

    @ParameterizedTest
    @EnumSource
    void answersById_hurtOnlyTheItemsConcerned(Target.Protocol protocol) throws Exception {
        Scorecard.row("D4", "answers with ids: fewer, more, twice, shuffled, " + protocol, row -> {
            row.inject("sandbox").seed(SEED);
            int items = Garble.values().length * ITEMS;
            ItemServer server = new ItemServer(items);
            Duration closing;
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    ItemClient client = ItemClient.real(items, target.transport(), TOGETHER)) {
                for (Garble garble : Garble.values()) {
                    server.model(garble.server);
                    int from = garble.ordinal() * ITEMS;
                    client.predict(from, from + ITEMS);
                    client.ledger().settle();
                    row.exactly(
                            garble + ": succeed",
                            ITEMS - garble.hurt,
                            client.ledger().count(Outcome.SUCCESS, from, from + ITEMS));
                    row.exactly("typed errors", garble.hurt, codecErrors(client.ledger(), from));
                }
                client.balance(row, target::requests);
                long start = System.nanoTime();
                client.predictor().close();
                closing = Duration.ofNanos(System.nanoTime() - start);
            }
            row.within("close", Duration.ofMillis(100), closing);
            row.anchor("gax, one answer missing", GaxBatcherTraps.missingAnswer());
        });
    }

    private static long codecErrors(Ledger ledger, int from) {
        return IntStream.range(from, from + ITEMS)
                .filter(item -> ledger.error(item) instanceof CodecException)
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void answersByPlace_hurtTheWholeBatch(Target.Protocol protocol) throws Exception {
        Scorecard.row("D4", "answers by place: fewer, more, " + protocol, row -> {
            row.inject("sandbox").seed(SEED);
            ItemServer server = new ItemServer(ITEMS);
            try (ItemTarget target = ItemTarget.start(protocol, server);
                    Predictor<Question, Reply> predictor = Predictor.builder(BY_PLACE)
                            .transport(target.transport())
                            .batching(TOGETHER)
                            .build()) {
                server.model(Garble.FEWER.server);
                row.exactly("one fewer: errors that name both counts", ITEMS, errors(predictor, ITEMS - 1));
                server.model(Garble.MORE.server);
                row.exactly("one more: errors that name both counts", ITEMS, errors(predictor, ITEMS + 1));
                server.model(words -> words);
                row.exactly("as many: errors", 0, errors(predictor, ITEMS));
            }
        });
    }

    /** How many of a batch's items fail with an error that tells this count and that of the items. */
    private static long errors(Predictor<Question, Reply> predictor, int answers) {
        List<CompletableFuture<Reply>> items = new ArrayList<>();
        for (int item = 0; item < ITEMS; item++) {
            items.add(predictor.predictAsync(
                    new Question(Word.of(item, Item.of(item)).text())));
        }
        Eventually.holds(() -> items.stream().allMatch(CompletableFuture::isDone), Scorecard.GUARD);
        return items.stream()
                .map(item -> item.handle((reply, error) -> error).getNow(null))
                .filter(error -> error instanceof CodecException
                        && error.getMessage().contains(Integer.toString(answers))
                        && error.getMessage().contains(Integer.toString(ITEMS)))
                .count();
    }
}
