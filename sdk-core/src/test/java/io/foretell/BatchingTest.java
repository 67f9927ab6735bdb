package io.foretell;

import static io.foretell.TextCodec.lines;
import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.CodecException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.event.BatchEvent;
import io.foretell.event.BatchEvent.Reason;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of many callers in one request: what each gets. When a batch leaves is LeavingTest's. */
@Timeout(60)
class BatchingTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private Predictor<String, String> batching(BatchPolicy policy) {
        return rig.build(rig.builder().batching(policy));
    }

    /** With the first call on its way, so that those after it gather. */
    private Predictor<String, String> busy() {
        Predictor<String, String> predictor = batching(BatchPolicy.ofSize(64));
        predictor.predictAsync("busy");
        return predictor;
    }

    private List<CompletableFuture<String>> all(Predictor<String, String> predictor, String... inputs) {
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (String input : inputs) {
            calls.add(predictor.predictAsync(input));
        }
        return calls;
    }

    private List<String> sent(int request) {
        return lines(rig.transport.sent(request).request().payload());
    }

    @Test
    void b1_callsOfOneBatch_eachGetTheirOwnAnswer() {
        Predictor<String, String> predictor = busy();
        List<CompletableFuture<String>> calls = all(predictor, "a", "b", "c");
        rig.answer(0);
        assertThat(sent(1)).containsExactly("a", "b", "c");
        rig.transport.sent(1).answer().complete(response("A", "B", "C"));
        assertThat(calls.stream().map(CompletableFuture::join)).containsExactly("A", "B", "C");
        assertThat(predictor.batches().items()).isEqualTo(4);
        assertThat(predictor.batches().batches(Reason.SLOT)).isEqualTo(2);
    }

    @Test
    void b2_wrongCount_failsTheWholeBatchAndNamesBoth() {
        List<CompletableFuture<String>> calls = all(busy(), "a", "b", "c");
        rig.answer(0);
        rig.transport.sent(1).answer().complete(response("A", "B"));
        for (CompletableFuture<String> call : calls) {
            assertThat(Rig.errorOf(call)).isInstanceOf(CodecException.class).hasMessageContaining("2 results for 3");
        }
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
        List<CompletableFuture<String>> calls = all(predictor, "a", "bad", "c", "no size", "e");
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
                batching(BatchPolicy.builder().linger(Duration.ofSeconds(1)).build());
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
        List<CompletableFuture<String>> calls = all(predictor, "a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(calls).allMatch(call -> Rig.errorOf(call).category() == ErrorCategory.INVALID_REQUEST);
        assertThat(rig.transport.sends()).as("the batch, and two halves twice").isEqualTo(5);
    }

    @Test
    void b9_serverFault_dividesNothing() {
        List<CompletableFuture<String>> calls = all(busy(), "a", "b", "c");
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
        List<CompletableFuture<String>> calls = all(predictor, "a", "bad", "c");
        predictor.flush();
        assertThat(calls.get(0)).isCompletedWithValue("a");
        assertThat(Rig.errorOf(calls.get(1)).category()).isEqualTo(ErrorCategory.INVALID_REQUEST);
        assertThat(calls.get(2)).isCompletedWithValue("c");
    }

    @Test
    void b10_tooLarge_isHalvedOneRequestAtATimeAndRemembered() {
        Predictor<String, String> predictor = busy();
        List<CompletableFuture<String>> calls = all(predictor, "a", "b", "c", "d");
        rig.answer(0);
        rig.fail(1, Rig.failure(ErrorCategory.PAYLOAD_TOO_LARGE));
        assertThat(rig.transport.sends()).isEqualTo(3);
        CompletableFuture<Void> flushed = predictor.flush();
        rig.transport.sent(2).answer().complete(response("A", "B"));
        assertThat(sent(3)).containsExactly("c", "d");
        assertThat(flushed).isNotDone();
        rig.transport.sent(3).answer().complete(response("C", "D"));
        assertThat(calls.stream().map(CompletableFuture::join)).containsExactly("A", "B", "C", "D");
        assertThat(flushed).isCompleted();
        assertThat(predictor.batches().splits()).isEqualTo(1);
    }

    @Test
    void b11_cancelledBeforeItIsSent_isNotOnTheWire() {
        List<CompletableFuture<String>> calls = all(busy(), "a", "b", "c");
        calls.get(1).cancel(true);
        rig.answer(0);
        assertThat(sent(1)).containsExactly("a", "c");
        rig.transport.sent(1).answer().complete(response("A", "C"));
        assertThat(calls.get(2)).isCompletedWithValue("C");
    }

    @Test
    void b11_cancelledAfterIt_endsAloneUntilAllAre() {
        List<CompletableFuture<String>> calls = all(busy(), "a", "b");
        rig.answer(0);
        calls.get(0).cancel(true);
        assertThat(rig.transport.cancels()).isZero();
        calls.get(1).cancel(true);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void b12_eachCall_hasItsOwnDeadlineAndTheRequestTheLast() {
        Predictor<String, String> predictor = busy();
        CompletableFuture<String> shorter =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(100)));
        CompletableFuture<String> longer =
                predictor.predictAsync("b", CallOptions.none().withTimeout(Duration.ofMillis(300)));
        rig.answer(0);
        rig.advanceMillis(100);
        assertThat(Rig.errorOf(shorter).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(rig.transport.sent(1).context().deadline().remainingNanos()).isEqualTo(200_000_000);
        rig.transport.sent(1).answer().complete(response("A", "B"));
        assertThat(longer).isCompletedWithValue("B");
    }

    @Test
    void b13_predictFlushAndClose_withinACallback_doNotHang() {
        Predictor<String, String> predictor = busy();
        CompletableFuture<String> call = predictor.predictAsync("a");
        List<CompletableFuture<?>> begun = new ArrayList<>();
        call.thenRun(() -> {
            begun.add(predictor.predictAsync("b"));
            begun.add(predictor.flush());
            predictor.close();
        });
        rig.answer(0);
        rig.answer(1);
        assertThat(begun).hasSize(2);
        rig.answer(2);
        assertThat(begun).allMatch(CompletableFuture::isDone);
    }

    @Test
    void b13_blockingCallsWithinAllCallbackThreads_doNotHang() {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < threads; i++) {
            rig.transport.hold();
        }
        rig.echo();
        try (Predictor<String, String> predictor = Predictor.builder(new TextCodec())
                .transport(rig.transport)
                .batching(BatchPolicy.builder().maxInFlight(threads).build())
                .build()) {
            CountDownLatch allInside = new CountDownLatch(threads);
            List<CompletableFuture<String>> calls = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                calls.add(predictor.predictAsync("a").thenApply(answer -> {
                    allInside.countDown();
                    Rig.until(() -> allInside.getCount() == 0);
                    return predictor.predict("b");
                }));
            }
            for (int i = 0; i < threads; i++) {
                rig.answer(i);
            }
            assertThat(calls.stream().map(CompletableFuture::join)).containsOnly("b");
        }
    }

    @Test
    void b14_close_sendsWhatHasGatheredAndWaits() {
        Predictor<String, String> predictor = busy();
        List<CompletableFuture<String>> calls = all(predictor, "a", "b");
        Thread closer = new Thread(predictor::close);
        closer.start();
        Rig.until(() -> closer.getState() == Thread.State.WAITING);
        rig.answer(0);
        rig.transport.sent(1).answer().complete(response("A", "B"));
        Rig.until(() -> !closer.isAlive());
        assertThat(calls).allMatch(call -> !call.isCompletedExceptionally());
        assertThat(Rig.errorOf(predictor.predictAsync("c"))).isInstanceOf(RejectedException.class);
    }

    @Test
    void b15_options_keepCallsApart() {
        Predictor<String, String> predictor = busy();
        predictor.predictAsync("a");
        predictor.predictAsync("b", CallOptions.none().withIdempotent(false));
        assertThat(rig.transport.sends()).as("another key has another slot").isEqualTo(2);
        rig.answer(0);
        assertThat(sent(2)).containsExactly("a");
        rig.answer(1);
        rig.answer(2);
    }

    @Test
    void b16_preserveOrder_callsEndInTheirOrder() {
        Predictor<String, String> predictor =
                batching(BatchPolicy.builder().maxItems(2).preserveOrder(true).build());
        List<String> ended = new ArrayList<>();
        for (String input : List.of("a", "b", "c", "d", "e")) {
            predictor.predictAsync(input).thenAccept(ended::add);
        }
        for (int i = 0; i < 3; i++) {
            rig.transport.sent(i).answer().complete(response(sent(i).toArray(String[]::new)));
        }
        assertThat(ended).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void b18_overload_isToldToTheSizes() {
        Predictor<String, String> predictor = batching(
                BatchPolicy.builder().latencyObjective(Duration.ofMillis(50)).build());
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.THROTTLED));
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.THROTTLED);
        assertThat(predictor.batches().inFlight()).isZero();
    }

    @Test
    void b19_eventsAndPredictions_sayHowACallWasBatched() {
        List<BatchEvent> left = new ArrayList<>();
        Predictor<String, String> predictor =
                rig.build(rig.builder().batching(BatchPolicy.ofSize(64)).listener(new CallListener() {
                    @Override
                    public void batchLeft(BatchEvent event) {
                        left.add(event);
                    }
                }));
        predictor.predictAsync("busy");
        CompletableFuture<Prediction<String>> call = predictor.callAsync("a", CallOptions.none());
        predictor.predictAsync("b");
        rig.advanceMillis(7);
        rig.answer(0);
        rig.transport.sent(1).answer().complete(response("A", "B"));
        assertThat(left).hasSize(2);
        assertThat(left.get(1).items()).isEqualTo(2);
        assertThat(left.get(1).lingerNanos()).isEqualTo(7_000_000);
        assertThat(call.join().batchSize()).isEqualTo(2);
        assertThat(call.join().timings().nanos(Phase.QUEUE)).isEqualTo(7_000_000);
    }

    @Test
    void predictAll_joinsTheBatchesOfOthers() {
        Predictor<String, String> predictor = busy();
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b"), CallOptions.none());
        CompletableFuture<String> one = predictor.predictAsync("c");
        rig.answer(0);
        assertThat(sent(1)).containsExactly("a", "b", "c");
        rig.transport.sent(1).answer().complete(response("A", "B", "C"));
        assertThat(many.join()).hasSize(2);
        assertThat(one).isCompletedWithValue("C");
    }

    @Test
    void predictAll_idle_leavesTogether() {
        Predictor<String, String> predictor = batching(BatchPolicy.ofSize(3));
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b", "c", "d"), CallOptions.none());
        assertThat(sent(0)).containsExactly("a", "b", "c");
        rig.transport.sent(0).answer().complete(response("A", "B", "C"));
        assertThat(sent(1)).containsExactly("d");
        rig.transport.sent(1).answer().complete(response("D"));
        assertThat(many.join()).hasSize(4);
    }

    @Test
    void predictAll_moreThanTheQueuesHold_sendsBeforeItRefuses() {
        Predictor<String, String> predictor =
                batching(BatchPolicy.builder().maxQueuedItems(2).build());
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b", "c", "d", "e"), CallOptions.none());
        assertThat(sent(0)).containsExactly("a", "b");
        rig.transport.sent(0).answer().complete(response("A", "B"));
        assertThat(sent(1)).containsExactly("c", "d");
        rig.transport.sent(1).answer().complete(response("C", "D"));
        assertThat(many.join().get(4).error()).isInstanceOf(RejectedException.class);
    }

    @Test
    void batching_codecOfOneInput_isRefused() {
        assertThatThrownBy(() -> rig.builder(new TextCodec() {
                            @Override
                            public boolean batches() {
                                return false;
                            }
                        })
                        .batching(BatchPolicy.ofSize(2))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TextCodec");
    }

    @Test
    void flush_withoutBatching_waitsForAllInFlight() {
        Predictor<String, String> predictor = rig.build(rig.builder());
        predictor.predictAsync("a");
        CompletableFuture<Void> flushed = predictor.flush();
        predictor.predictAsync("b");
        assertThat(flushed).isNotDone();
        rig.answer(0);
        assertThat(flushed).isCompleted();
        rig.answer(1);
        assertThat(predictor.batches().batches()).isZero();
    }
}
