package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.CodecException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.RejectedException;
import io.foretell.event.BatchEvent;
import io.foretell.event.BatchEvent.Reason;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.policy.BatchPolicy;
import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void b1_callsOfOneBatch_eachGetTheirOwnAnswer() {
        Predictor<String, String> predictor = rig.busy();
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "b", "c");
        rig.answer(0);
        assertThat(rig.inputs(1)).containsExactly("a", "b", "c");
        rig.transport.sent(1).answer().complete(response("A", "B", "C"));
        assertThat(calls.stream().map(CompletableFuture::join)).containsExactly("A", "B", "C");
        assertThat(predictor.batches().items()).isEqualTo(4);
        assertThat(predictor.batches().batches(Reason.SLOT)).isEqualTo(2);
    }

    @Test
    void b1_callerWhoseEndGoesWrong_takesNoOtherAlong() {
        Predictor<String, String> predictor =
                rig.build(rig.builder().batching(BatchPolicy.ofSize(64)).time(rig.clock, (task, delay) -> () -> {
                    throw new IllegalStateException("no cancel");
                }));
        List<CompletableFuture<String>> calls = Rig.all(predictor, "busy", "a", "b", "c");
        rig.answer(0);
        rig.transport.sent(1).answer().complete(response("A", "B", "C"));
        assertThat(calls).allMatch(CompletableFuture::isDone);
        predictor.close();
    }

    @Test
    void b2_wrongCount_failsTheWholeBatchAndNamesBoth() {
        Predictor<String, String> predictor = rig.busy();
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "b", "c");
        rig.answer(0);
        rig.transport.sent(1).answer().complete(response("A", "B"));
        for (CompletableFuture<String> call : calls) {
            assertThat(Rig.errorOf(call)).isInstanceOf(CodecException.class).hasMessageContaining("2 results for 3");
        }
        assertThat(predictor.batches().mismatches()).isEqualTo(1);
    }

    @Test
    void b11_cancelledBeforeItIsSent_isNotOnTheWire() {
        List<CompletableFuture<String>> calls = Rig.all(rig.busy(), "a", "b", "c");
        calls.get(1).cancel(true);
        rig.answer(0);
        assertThat(rig.inputs(1)).containsExactly("a", "c");
        rig.transport.sent(1).answer().complete(response("A", "C"));
        assertThat(calls.get(2)).isCompletedWithValue("C");
    }

    @Test
    void b11_cancelledAfterIt_endsAloneUntilAllAre() {
        List<CompletableFuture<String>> calls = Rig.all(rig.busy(), "a", "b");
        rig.answer(0);
        calls.get(0).cancel(true);
        assertThat(rig.transport.cancels()).isZero();
        calls.get(1).cancel(true);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void b11_cancelWhileTheTickerThrows_freesTheSlot() {
        AtomicBoolean broken = new AtomicBoolean();
        Ticker moody = () -> {
            if (broken.get()) {
                throw new IllegalStateException("no time");
            }
            return rig.clock.nanos();
        };
        Predictor<String, String> predictor =
                rig.build(rig.builder().batching(BatchPolicy.ofSize(64)).time(moody, rig.clock));
        predictor.predictAsync("a");
        CompletableFuture<String> given = predictor.predictAsync("b");
        rig.answer(0);
        broken.set(true);
        given.cancel(true);
        broken.set(false);
        assertThat(predictor.batches().inFlight()).isZero();
        CompletableFuture<String> next = predictor.predictAsync("c");
        rig.answer(2);
        assertThat(next).isCompletedWithValue("answer 2");
    }

    @Test
    void b12_eachCall_hasItsOwnDeadlineAndTheRequestTheLast() {
        Predictor<String, String> predictor = rig.busy();
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
        Predictor<String, String> predictor = rig.busy();
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
        Predictor<String, String> predictor = rig.busy();
        List<CompletableFuture<String>> calls = Rig.all(predictor, "a", "b");
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
        Predictor<String, String> predictor = rig.busy();
        predictor.predictAsync("a");
        predictor.predictAsync("b", CallOptions.none().withIdempotent(false));
        assertThat(rig.transport.sends()).as("another key has another slot").isEqualTo(2);
        rig.answer(0);
        assertThat(rig.inputs(2)).containsExactly("a");
        rig.answer(1);
        rig.answer(2);
    }

    @Test
    void b16_preserveOrder_callsEndInTheirOrder() {
        assertThat(order(true)).containsExactly("a", "b", "c", "d", "e");
        assertThat(order(false)).as("otherwise the next batch does not wait").doesNotContainSequence("a", "b");
    }

    /** Of calls whose second batch is answered as soon as it is sent. */
    private List<String> order(boolean preserved) {
        Predictor<String, String> predictor = rig.batching(
                BatchPolicy.builder().maxItems(4).preserveOrder(preserved).build());
        List<String> ended = new ArrayList<>();
        rig.transport.hold();
        predictor.predictAsync("a").thenAccept(ended::add);
        rig.echo();
        for (String input : List.of("b", "c", "d", "e")) {
            predictor.predictAsync(input).thenAccept(ended::add);
        }
        int first = rig.transport.sends() - 1;
        rig.transport.sent(first).answer().complete(response("a"));
        return ended;
    }

    @Test
    void b18_overload_shrinksTheNextBatch() {
        assertThat(sizeAfter(ErrorCategory.SERVER_FAULT)).isEqualTo(8);
        assertThat(sizeAfter(ErrorCategory.THROTTLED)).as("a tenth less").isEqualTo(7);
    }

    /** How many leave together after batches that grew to 8, and one that ended so. */
    private int sizeAfter(ErrorCategory end) {
        Predictor<String, String> predictor = rig.batching(
                BatchPolicy.builder().latencyObjective(Duration.ofMillis(50)).build());
        int first = rig.transport.sends();
        rig.transport.hold();
        IntStream.range(0, 100).forEach(i -> predictor.predictAsync("x"));
        for (int size = 1; size < 8; size++) {
            int request = first + size - 1;
            assertThat(rig.inputs(request)).hasSize(size);
            rig.transport
                    .sent(request)
                    .answer()
                    .complete(response(rig.inputs(request).toArray(String[]::new)));
        }
        rig.fail(first + 7, Rig.failure(end));
        int size = rig.inputs(first + 8).size();
        closeNow(predictor, first + 8);
        return size;
    }

    private void closeNow(Predictor<String, String> predictor, int from) {
        rig.echo();
        rig.transport.sent(from).answer().complete(response(rig.inputs(from).toArray(String[]::new)));
        predictor.close();
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
        Predictor<String, String> predictor = rig.busy();
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b"), CallOptions.none());
        CompletableFuture<String> one = predictor.predictAsync("c");
        rig.answer(0);
        assertThat(rig.inputs(1)).containsExactly("a", "b", "c");
        rig.transport.sent(1).answer().complete(response("A", "B", "C"));
        assertThat(many.join()).hasSize(2);
        assertThat(one).isCompletedWithValue("C");
    }

    @Test
    void predictAll_idle_leavesTogether() {
        Predictor<String, String> predictor = rig.batching(BatchPolicy.ofSize(3));
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b", "c", "d"), CallOptions.none());
        assertThat(rig.inputs(0)).containsExactly("a", "b", "c");
        rig.transport.sent(0).answer().complete(response("A", "B", "C"));
        assertThat(rig.inputs(1)).containsExactly("d");
        rig.transport.sent(1).answer().complete(response("D"));
        assertThat(many.join()).hasSize(4);
    }

    @Test
    void predictAll_moreThanTheQueuesHold_sendsBeforeItRefuses() {
        Predictor<String, String> predictor =
                rig.batching(BatchPolicy.builder().maxQueuedItems(2).build());
        CompletableFuture<List<ItemResult<Prediction<String>>>> many =
                predictor.callAllAsync(List.of("a", "b", "c", "d", "e"), CallOptions.none());
        assertThat(rig.inputs(0)).containsExactly("a", "b");
        rig.transport.sent(0).answer().complete(response("A", "B"));
        assertThat(rig.inputs(1)).containsExactly("c", "d");
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
