package io.foretell;

import static io.foretell.TextCodec.lines;
import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.codec.ItemResult;
import io.foretell.error.CodecException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches that cannot be served as a whole: clauses B8 to B10. */
@Timeout(60)
class BatchLadderTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void b8_codecThatThrowsForOneInput_failsThatCallAlone() {
        Predictor<String, String> predictor = rig.echo()
                .build(rig.builder(new TextCodec() {
                            @Override
                            public Payload encode(List<String> inputs) {
                                if (inputs.contains("bad")) {
                                    throw new IllegalArgumentException("bad input");
                                }
                                return super.encode(inputs);
                            }

                            @Override
                            public long sizeOf(String input) {
                                if (input.equals("no size")) {
                                    throw new IllegalArgumentException("no size");
                                }
                                return input.length();
                            }
                        })
                        .batching(BatchPolicy.builder()
                                .linger(Duration.ofSeconds(1))
                                .build()));
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "bad", "c", "no size", "e");
        assertThat(Rig.errorOf(calls.get(3))).isInstanceOf(CodecException.class).hasMessageContaining("no size");
        assertThat(calls.get(0)).isNotDone();
        CompletableFuture<Void> flushed = predictor.flush();
        assertThat(calls.get(0)).isCompletedWithValue("a");
        assertThat(Rig.errorOf(calls.get(1))).isInstanceOf(CodecException.class);
        assertThat(calls.get(2)).isCompletedWithValue("c");
        assertThat(calls.get(4)).isCompletedWithValue("e");
        assertThat(flushed).isCompleted();
        assertThat(predictor.batches().queued()).isZero();
    }

    private InferenceException refused() {
        return InferenceException.of(ErrorCategory.INVALID_REQUEST)
                .message("no such word")
                .transportCode("400")
                .build();
    }

    @Test
    void b9_oneInputRefused_isFoundInFewRequests() {
        rig.transport.answer(request -> {
            if (lines(request.payload()).contains("poison")) {
                throw refused();
            }
            return response(lines(request.payload()).toArray(String[]::new));
        });
        Predictor<String, String> predictor =
                rig.batching(BatchPolicy.builder().linger(Duration.ofSeconds(1)).build());
        List<CompletableFuture<String>> calls = IntStream.range(0, 64)
                .mapToObj(i -> predictor.predictAsync(i == 41 ? "poison" : "item " + i))
                .toList();
        for (int i = 0; i < 64; i++) {
            if (i == 41) {
                assertThat(Rig.errorOf(calls.get(i)).category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
            } else {
                assertThat(calls.get(i)).isCompletedWithValue("item " + i);
            }
        }
        assertThat(rig.transport.sends()).isEqualTo(13);
        assertThat(predictor.batches().bisections()).isEqualTo(6);
    }

    @Test
    void b9_noBudgetToDivide_allGetTheError() {
        rig.transport.fail(this::refused);
        Predictor<String, String> predictor = rig.build(rig.builder()
                .retry(RetryPolicy.none().toBuilder()
                        .budgetRatio(0)
                        .budgetPerSecond(0)
                        .budgetInitial(2)
                        .build())
                .batching(BatchPolicy.builder()
                        .maxItems(8)
                        .linger(Duration.ofSeconds(1))
                        .build()));
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(calls).allMatch(call -> Rig.errorOf(call).category() == ErrorCategory.INVALID_REQUEST);
        assertThat(rig.transport.sends()).as("the batch, and two halves twice").isEqualTo(5);
        assertThat(Rig.errorOf(calls.get(7))).hasMessageContaining("no such word (a batch of 4 calls was refused)");
    }

    @Test
    void b9_serverFault_dividesNothing() {
        List<CompletableFuture<String>> calls = Rig.all(rig.busy(), "a", "b", "c");
        rig.answer(0);
        rig.fail(1, Rig.failure(ErrorCategory.SERVER_FAULT));
        assertThat(calls).allMatch(call -> Rig.errorOf(call).category() == ErrorCategory.SERVER_FAULT);
        assertThat(rig.transport.sends()).isEqualTo(2);
    }

    @Test
    void b9_itemErrorsOfTheCodec_areTheirOwn() {
        Predictor<String, String> predictor = rig.echo()
                .build(rig.builder(new TextCodec() {
                            @Override
                            public List<ItemResult<String>> decode(Payload payload, int count) {
                                return lines(payload).stream()
                                        .map(line -> line.equals("bad")
                                                ? ItemResult.<String>failed(refused())
                                                : ItemResult.of(line))
                                        .toList();
                            }
                        })
                        .batching(BatchPolicy.builder()
                                .linger(Duration.ofSeconds(1))
                                .build()));
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "bad", "c");
        predictor.flush();
        assertThat(calls.get(0)).isCompletedWithValue("a");
        assertThat(Rig.errorOf(calls.get(1)).category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
        assertThat(calls.get(2)).isCompletedWithValue("c");
    }

    @Test
    void b10_tooLarge_isHalvedOneRequestAtATimeAndRemembered() {
        Predictor<String, String> predictor = rig.busy();
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "b", "c", "d");
        rig.answer(0);
        rig.fail(1, Rig.failure(ErrorCategory.PAYLOAD_TOO_LARGE));
        assertThat(rig.transport.sends()).isEqualTo(3);
        CompletableFuture<Void> flushed = predictor.flush();
        rig.transport.sent(2).answer().complete(response("A", "B"));
        assertThat(rig.inputs(3)).containsExactly("c", "d");
        assertThat(flushed).isNotDone();
        rig.transport.sent(3).answer().complete(response("C", "D"));
        assertThat(calls.stream().map(CompletableFuture::join)).containsExactly("A", "B", "C", "D");
        assertThat(flushed).isCompleted();
        assertThat(predictor.batches().splits()).isEqualTo(1);
    }
}
