package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.codec.ItemResult;
import io.foretell.error.CodecException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Codecs, transports and executors that fail or break their contract. */
class FaultTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void transport_thatThrows_failsTheCall() {
        rig.transport.throwing(() -> new IllegalArgumentException("no route"));
        InferenceException error = Rig.errorOf(rig.predictor().predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.INTERNAL);
        assertThat(error).hasMessageContaining("no route").hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void transport_thatReturnsNull_isNamed() {
        rig.transport.script((request, context) -> null);
        InferenceException error = Rig.errorOf(rig.predictor().predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.INTERNAL);
        assertThat(error).hasMessageContaining("transport fake nowhere gave no future");
    }

    @Test
    void transport_thatAnswersNull_isNamed() {
        rig.transport.script((request, context) -> CompletableFuture.completedFuture(null));
        InferenceException error = Rig.errorOf(rig.predictor().predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.INTERNAL);
        assertThat(error).hasMessageContaining("transport fake nowhere gave null");
        assertThat(rig.events.lines()).contains("attempt- 1 INTERNAL");
    }

    @Test
    void transport_thatCompletesTwice_countsOnce() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        CompletableFuture<InferenceResponse> answer = rig.transport.sent(0).answer();
        answer.complete(response("x"));
        answer.completeExceptionally(new IllegalStateException());
        answer.obtrudeValue(response("y"));
        assertThat(future).isCompletedWithValue("x");
    }

    @Test
    void transport_thatThrowsWhenCancelled_stillLetsTheCallEnd() {
        rig.transport.script((request, context) -> new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                throw new IllegalStateException();
            }
        });
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(Rig.errorOf(future).category()).isEqualTo(ErrorCategory.DEADLINE);
    }

    @Test
    void transport_thatCancelsItself_failsTheCall() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        rig.transport.sent(0).answer().cancel(true);
        assertThat(Rig.errorOf(future).category()).isEqualTo(ErrorCategory.INTERNAL);
    }

    @Test
    void encode_throwing_failsTheCallUnsent() {
        for (Throwable fault : List.of(new IllegalArgumentException("no such field"), new StackOverflowError())) {
            InferenceException error =
                    Rig.errorOf(rig.builder(encoding(fault)).build().predictAsync("bad"));
            assertThat(error).isInstanceOf(CodecException.class).hasCause(fault);
            assertThat(error).hasMessageContaining(fault.getMessage() == null ? "StackOverflowError" : "no such field");
            assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(error.attempts()).isZero();
        }
        assertThat(rig.transport.sends()).isZero();
    }

    @Test
    void encode_failingForOneOfMany_failsThatOneAlone() {
        rig.echo();
        Predictor<String, String> predictor =
                rig.builder(encoding(new IllegalArgumentException("bad value"))).build();
        List<ItemResult<Prediction<String>>> results =
                predictor.callAll(List.of("a", "b", "bad", "d", "e"), CallOptions.none());
        for (int i = 0; i < results.size(); i++) {
            InferenceException error = results.get(i).error();
            assertThat(error == null ? null : error.category()).isEqualTo(i == 2 ? ErrorCategory.CODEC : null);
        }
        assertThat(results.get(4).value().value()).isEqualTo("e");
    }

    private static TextCodec encoding(Throwable fault) {
        return new TextCodec() {
            @Override
            public Payload encode(List<String> inputs) {
                if (inputs.contains("bad")) {
                    throw FaultTest.<RuntimeException>sneaky(fault);
                }
                return super.encode(inputs);
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable fault) throws T {
        throw (T) fault;
    }

    @Test
    void encode_ofTheWrongKind_isNamed() {
        TextCodec wrong = new TextCodec() {
            @Override
            public Payload encode(List<String> inputs) {
                return new Payload.Tensors(java.util.Map.of());
            }
        };
        InferenceException error = Rig.errorOf(rig.builder(wrong).build().predictAsync("a"));
        assertThat(error).isInstanceOf(CodecException.class).hasMessageContaining("TextCodec wrote TENSORS");
    }

    @Test
    void decode_throwing_failsTheCall() {
        rig.echo();
        for (Throwable fault : List.of(new IllegalArgumentException("bad json"), new StackOverflowError())) {
            TextCodec broken = new TextCodec() {
                @Override
                public List<ItemResult<String>> decode(Payload payload, int count) {
                    throw FaultTest.<RuntimeException>sneaky(fault);
                }
            };
            InferenceException error = Rig.errorOf(rig.builder(broken).build().predictAsync("a"));
            assertThat(error).isInstanceOf(CodecException.class).hasCause(fault);
            assertThat(error.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
        }
    }

    @Test
    void decode_ofTheWrongCount_namesBothCounts() {
        rig.transport.answer(request -> response("x", "y"));
        InferenceException error = Rig.errorOf(rig.predictor().predictAsync("a"));
        assertThat(error).isInstanceOf(CodecException.class).hasMessage("TextCodec decoded 2 results for 1 inputs");
    }

    @Test
    void decode_ofNullOrWithANull_saysSo() {
        rig.echo();
        assertThat(Rig.errorOf(rig.builder(decoding(null)).build().predictAsync("a")))
                .hasMessage("TextCodec decoded null for 1 inputs");
        List<ItemResult<String>> hole = Arrays.asList((ItemResult<String>) null);
        assertThat(Rig.errorOf(rig.builder(decoding(hole)).build().predictAsync("a")))
                .hasMessage("TextCodec decoded null for result 0 for 1 inputs");
    }

    private static TextCodec decoding(List<ItemResult<String>> results) {
        return new TextCodec() {
            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                return results;
            }
        };
    }

    @Test
    void tooLarge_refusedUnsent_isHalvedUntilItFits() {
        List<Integer> sizes = limitTo(2, RetrySafety.SAFE);
        assertThat(rig.predictor().predictAll(List.of("a", "b", "c", "d", "e")))
                .containsExactly("a", "b", "c", "d", "e");
        assertThat(sizes).containsExactly(5, 2, 3, 1, 2);
        assertThat(rig.events.lines()).contains("request- 1 PAYLOAD_TOO_LARGE", "request- 2 ok");
    }

    @Test
    void tooLarge_aSingleItem_getsTheError() {
        limitTo(0, RetrySafety.SAFE);
        assertThat(Rig.errorOf(rig.predictor().predictAsync("a")).category())
                .isEqualTo(ErrorCategory.PAYLOAD_TOO_LARGE);
    }

    @Test
    void tooLarge_afterTheModelRan_isNotSentAgain() {
        List<Integer> sizes = limitTo(2, RetrySafety.UNSAFE);
        assertThat(rig.predictor().callAll(List.of("a", "b", "c"), CallOptions.none()))
                .extracting(result -> result.error().category())
                .containsOnly(ErrorCategory.PAYLOAD_TOO_LARGE);
        assertThat(sizes).containsExactly(3);
    }

    @Test
    void tooLarge_saidByTheDecoder_isNotSentAgain() {
        rig.echo();
        TextCodec strict = new TextCodec() {
            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                throw Rig.failure(ErrorCategory.PAYLOAD_TOO_LARGE, RetrySafety.SAFE);
            }
        };
        assertThat(rig.builder(strict).build().callAll(List.of("a", "b"), CallOptions.none()))
                .extracting(result -> result.error().category())
                .containsOnly(ErrorCategory.PAYLOAD_TOO_LARGE);
        assertThat(rig.transport.sends()).isEqualTo(1);
    }

    private List<Integer> limitTo(int items, RetrySafety safety) {
        List<Integer> sizes = new ArrayList<>();
        rig.transport.answer(request -> {
            sizes.add(request.itemCount());
            if (request.itemCount() > items) {
                throw Rig.failure(ErrorCategory.PAYLOAD_TOO_LARGE, safety);
            }
            return InferenceResponse.of(request.payload());
        });
        return sizes;
    }

    @Test
    void callbackExecutor_thatRefuses_losesNothing() {
        for (Throwable fault : List.of(new RejectedExecutionException(), new OutOfMemoryError("no thread"))) {
            Predictor<String, String> predictor = rig.builder()
                    .callbackExecutor(task -> {
                        throw FaultTest.<RuntimeException>sneaky(fault);
                    })
                    .build();
            rig.transport.hold();
            CompletableFuture<String> answered = predictor.predictAsync("a");
            rig.transport.sent(rig.transport.sends() - 1).answer().complete(response("x"));
            assertThat(answered).isCompletedWithValue("x");
            CompletableFuture<String> late = predictor.predictAsync("b");
            rig.clock.advance(Rig.TIMEOUT);
            assertThat(Rig.errorOf(late).category()).isEqualTo(ErrorCategory.DEADLINE);
            predictor.close();
        }
    }
}
