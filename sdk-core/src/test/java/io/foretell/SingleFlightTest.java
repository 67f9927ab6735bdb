package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.foretell.testing.FakeTransport.Sent;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SingleFlightTest {
    private static final AttributeKey<String> VARIANT = AttributeKey.of("variant", String.class);

    private final Rig rig = new Rig();
    private final Predictor<String, String> predictor = rig.predictor().withSingleFlight(Function.identity());

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private static CallOptions within(int seconds) {
        return CallOptions.none().withTimeout(Duration.ofSeconds(seconds));
    }

    private void advance(int seconds) {
        rig.clock.advance(Duration.ofSeconds(seconds));
    }

    private void assertSent(int requests) {
        assertThat(rig.transport.sends()).isEqualTo(requests);
    }

    private Sent sent(int index) {
        return rig.transport.sent(index);
    }

    @Test
    void equalKeys_inFlight_shareOneCallAndItsResult() {
        CompletableFuture<Prediction<String>> first = predictor.callAsync("a", CallOptions.none());
        CompletableFuture<Prediction<String>> second = predictor.callAsync("a", CallOptions.none());
        CompletableFuture<String> different = predictor.predictAsync("b");
        assertSent(2);
        sent(0).answer().complete(response("A"));

        assertThat(first.join().value()).isEqualTo("A");
        assertThat(second.join()).isSameAs(first.join());
        assertThat(different).isNotDone();
        sent(1).answer().complete(response("B"));
    }

    @Test
    void equalKeys_ofCallsThatAreNotIdempotent_areSentEach() {
        Predictor<String, String> cautious =
                rig.builder().idempotent(false).build().withSingleFlight(Function.identity());
        cautious.predictAsync("a");
        cautious.predictAsync("a");
        CallOptions once = CallOptions.none().withIdempotent(false);
        predictor.predictAsync("a", once);
        predictor.predictAsync("a", once);

        assertSent(4);
        for (int i = 0; i < 4; i++) {
            rig.answer(i);
        }
    }

    @Test
    void equalKeys_afterTheAnswer_makeANewCall() {
        rig.echo();

        assertThat(predictor.predict("a")).isEqualTo("a");
        assertThat(predictor.predict("a")).isEqualTo("a");
        assertSent(2);
    }

    @Test
    void failure_isSharedToo() {
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> second = predictor.predictAsync("a");
        sent(0).answer().completeExceptionally(Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));

        assertThat(Rig.errorOf(first).category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(Rig.errorOf(second).category()).isEqualTo(ErrorCategory.OVERLOADED);
    }

    @Test
    void calls_withOtherAttributes_areOthers() {
        CompletableFuture<String> blue =
                predictor.predictAsync("a", CallOptions.none().with(VARIANT, "blue"));
        CompletableFuture<String> green =
                predictor.predictAsync("a", CallOptions.none().with(VARIANT, "green"));
        assertSent(2);
        blue.cancel(true);
        green.cancel(true);
    }

    @Test
    void cancel_byTheFirst_leavesTheOthersTheirCall() {
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> second = predictor.predictAsync("a");
        first.cancel(true);
        assertThat(rig.transport.cancels()).isZero();
        sent(0).answer().complete(response("A"));

        assertThat(first).isCancelled();
        assertThat(second).isCompletedWithValue("A");
    }

    @Test
    void cancel_byAll_reachesTheWireAndTheNextBeginsAnew() {
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> second = predictor.predictAsync("a");
        second.cancel(true);
        first.complete("mine");
        assertThat(rig.transport.cancels()).isEqualTo(1);

        CompletableFuture<String> third = predictor.predictAsync("a");
        assertSent(2);
        sent(1).answer().complete(response("A"));
        assertThat(third).isCompletedWithValue("A");
    }

    @Test
    void deadline_ofOneWhoJoined_isItsOwn() {
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> hasty = predictor.predictAsync("a", within(3));
        advance(3);

        assertThat(Rig.errorOf(hasty).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(first).isNotDone();
        sent(0).answer().complete(response("A"));
        assertThat(first).isCompletedWithValue("A");
    }

    @Test
    void deadline_ofTheFirst_makesThoseWithTimeLeftShareAnother() {
        CompletableFuture<String> first = predictor.predictAsync("a", within(2));
        CompletableFuture<String> second = predictor.predictAsync("a", within(5));
        CompletableFuture<String> third = predictor.predictAsync("a", within(9));
        advance(2);
        assertThat(Rig.errorOf(first).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertSent(2);

        advance(3);
        assertThat(Rig.errorOf(second).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(third).isNotDone();
        sent(rig.transport.sends() - 1).answer().complete(response("A"));
        assertThat(third).isCompletedWithValue("A");
    }

    @Test
    void deadline_ofAllAtOnce_endsAllWithoutAnotherCall() {
        List<CompletableFuture<String>> futures = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            futures.add(predictor.predictAsync("a"));
        }
        rig.clock.advance(Rig.TIMEOUT);

        for (CompletableFuture<String> future : futures) {
            assertThat(Rig.errorOf(future).category()).isEqualTo(ErrorCategory.DEADLINE);
        }
        assertSent(1);
    }

    @Test
    void group_withEqualInputs_sendsEachOnce() {
        CompletableFuture<List<ItemResult<Prediction<String>>>> future =
                predictor.callAllAsync(List.of("a", "b", "a"), CallOptions.none());
        assertSent(2);
        sent(1).answer().complete(response("B"));
        sent(0).answer().complete(response("A"));

        assertThat(future.join()).extracting(result -> result.value().value()).containsExactly("A", "B", "A");
    }

    @Test
    void group_cancelled_leavesWhatOthersWaitFor() {
        CompletableFuture<String> other = predictor.predictAsync("a");
        CompletableFuture<List<ItemResult<Prediction<String>>>> group =
                predictor.callAllAsync(List.of("a", "b"), CallOptions.none());
        group.cancel(true);

        assertThat(rig.transport.cancels()).isEqualTo(1);
        sent(0).answer().complete(response("A"));
        assertThat(other).isCompletedWithValue("A");
    }

    @Test
    void keyFunction_thatThrowsOrGivesNull_failsTheCall() {
        Predictor<String, String> none = rig.predictor().withSingleFlight(input -> null);
        assertThat(Rig.errorOf(none.predictAsync("a")))
                .hasMessage("the key function gave null")
                .satisfies(error -> assertThat(error.category()).isEqualTo(ErrorCategory.INVALID_REQUEST));
        Predictor<String, String> throwing = rig.predictor().withSingleFlight(input -> {
            throw new IllegalStateException(input);
        });
        assertThat(Rig.errorOf(throwing.predictAsync("a"))).hasCauseInstanceOf(IllegalStateException.class);
        assertSent(0);
    }

    @Test
    void blockingCall_withinACallback_isNotShared() {
        CompletableFuture<String> outer = predictor.predictAsync("a");
        CompletableFuture<String> same = predictor.predictAsync("b");
        CompletableFuture<String> nested = outer.thenApply(value -> {
            rig.echo();
            return predictor.predict("b"); // would wait for a call that this very thread must answer
        });
        sent(0).answer().complete(response("A"));

        assertThat(nested).isCompletedWithValue("b");
        sent(1).answer().complete(response("B"));
        assertThat(same).isCompletedWithValue("B");
    }

    @Test
    void blockingCall_whoseFallbackIsShared_sharesIt() throws Exception {
        Rig failing = new Rig();
        failing.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));
        Predictor<String, String> steady = failing.predictor().withFallback(predictor);
        CompletableFuture<String> first = predictor.predictAsync("a");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Future<String> second = thread.submit(() -> steady.predict("a"));
        Rig.until(() -> rig.clock.pendingTimers() == 2); // the call's, and that of who joined
        sent(0).answer().complete(response("A"));

        assertThat(first).isCompletedWithValue("A");
        assertThat(second.get()).isEqualTo("A");
        assertSent(1);
        thread.shutdown();
    }

    @Test
    void close_endsAllWhoWait() {
        CompletableFuture<String> first = predictor.predictAsync("a", within(2));
        CompletableFuture<String> second = predictor.predictAsync("a", within(5));
        Thread closing = new Thread(predictor::close);
        closing.start();
        Rig.until(() -> closing.getState() == Thread.State.WAITING);
        advance(2);

        Rig.until(() -> !closing.isAlive());
        assertThat(Rig.errorOf(first).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(Rig.errorOf(second).category()).isEqualTo(ErrorCategory.CLOSED);
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void cacheOverSingleFlight_sendsOnce() {
        Predictor<String, String> both = predictor.withCache(Function.identity(), 10, Duration.ofMinutes(1));
        CompletableFuture<String> first = both.predictAsync("a");
        CompletableFuture<String> second = both.predictAsync("a");
        sent(0).answer().complete(response("A"));

        assertThat(first).isCompletedWithValue("A");
        assertThat(second).isCompletedWithValue("A");
        assertThat(both.predict("a")).isEqualTo("A");
        assertSent(1);
    }

    @Test
    void blockingCallers_ofOneKey_shareOneCall() throws Exception {
        int callers = 16;
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        CyclicBarrier asked = new CyclicBarrier(callers + 1);
        List<Future<String>> values = new ArrayList<>();
        CompletableFuture<String> first = predictor.predictAsync("a");
        for (int i = 0; i < callers; i++) {
            values.add(threads.submit(() -> {
                asked.await();
                return predictor.predict("a");
            }));
        }
        asked.await();
        Rig.until(() -> rig.clock.pendingTimers() == 1 + callers); // the call's, and one for each who joined
        sent(0).answer().complete(response("A"));

        assertThat(first).isCompletedWithValue("A");
        for (Future<String> value : values) {
            assertThat(value.get()).isEqualTo("A");
        }
        assertSent(1);
        threads.shutdown();
    }

    @Test
    void callers_ofManyThreadsWhoCancelAtRandom_allEndAndLeaveNothing() throws Exception {
        ExecutorService servers = Executors.newFixedThreadPool(2);
        rig.transport.script((request, context) -> {
            CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
            servers.execute(() ->
                    answer.complete(response(TextCodec.lines(request.payload()).toArray(String[]::new))));
            return answer;
        });
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 1_000; i++) {
                    check(String.valueOf(random.nextInt(3)), random.nextInt(4), wrong);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        predictor.close();
        servers.shutdown();

        assertThat(wrong).isEmpty();
    }

    private void check(String input, int way, List<String> wrong) {
        CompletableFuture<String> future = predictor.predictAsync(input);
        if (way == 0) {
            future.cancel(true);
        }
        try {
            String value = way == 1 ? predictor.predict(input) : future.join();
            if (!value.equals(input)) {
                wrong.add(input + " got " + value);
            }
            future.join();
        } catch (CancellationException cancelled) {
            if (way != 0) {
                wrong.add(input + " was cancelled by another");
            }
        }
    }
}
