package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallListener;
import io.foretell.event.ShadowEvent;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.testing.FakeTransport;
import io.foretell.time.Ticker;
import io.foretell.transport.Route;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A copy of each request goes to a shadow, which never hurts. */
class ShadowTest {
    private final Rig rig = new Rig().echo();
    private final FakeTransport shadow = new FakeTransport();
    private final List<ShadowEvent> seen = new ArrayList<>();
    private final LatencyRecorder recorder = new LatencyRecorder();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private PredictorBuilder<String, String> shadowed(double share) {
        return rig.retrying()
                .route(Route.to(rig.transport).shadow(shadow, share))
                .listener(recorder)
                .listener(new CallListener() {
                    @Override
                    public void shadowEnded(ShadowEvent event) {
                        seen.add(event);
                    }
                });
    }

    private Predictor<String, String> shadowed() {
        return rig.build(shadowed(1));
    }

    private static ErrorCategory category(Throwable error) {
        return ((InferenceException) error).category();
    }

    @Test
    void shadow_tickerThrowsAtThePrimarysEnd_callEndsAllTheSame() {
        Rig held = new Rig();
        AtomicBoolean broken = new AtomicBoolean();
        Ticker moody = () -> {
            if (broken.get()) {
                throw new IllegalStateException("no time");
            }
            return held.clock.nanos();
        };
        shadow.answer(request -> response("a"));
        Predictor<String, String> predictor = held.build(held.retrying()
                .route(Route.to(held.transport).shadow(shadow, 1))
                .time(moody, held.clock));
        CompletableFuture<String> call = predictor.predictAsync("a");
        broken.set(true);
        held.answer(0);
        broken.set(false);
        assertThat(Rig.errorOf(call)).hasRootCauseMessage("no time");
        held.assertAtRest();
    }

    @Test
    void shadow_thatAgrees_isReportedWithoutADifference() {
        shadow.answer(request -> response("a"));
        Prediction<String> prediction =
                shadowed().callAsync("a", CallOptions.none()).join();
        assertThat(prediction.attempts()).isEqualTo(1);
        assertThat(seen).singleElement().satisfies(event -> {
            assertThat(event.largestDifference()).isZero();
            assertThat(event.primaryError()).isNull();
            assertThat(event.shadowError()).isNull();
            assertThat(event.id()).isEqualTo(1);
        });
        assertThat(recorder.snapshot().attempts()).isEqualTo(1);
        assertThat(recorder.snapshot().shadows()).isEqualTo(1);
    }

    @Test
    void shadow_thatDiffers_isReported() {
        shadow.answer(request -> response("other"));
        assertThat(shadowed().predictAsync("a")).isCompletedWithValue("a");
        assertThat(seen.get(0).largestDifference()).isNaN();
    }

    @Test
    void shadow_thatIsSlow_delaysNobodyAndIsTimedFromTheSameMoment() {
        assertThat(shadowed().predictAsync("a")).isCompletedWithValue("a");
        assertThat(seen).isEmpty();
        rig.advanceMillis(70);
        shadow.sent(0).answer().complete(response("a"));
        assertThat(seen.get(0).shadowNanos()).isEqualTo(70_000_000);
        assertThat(seen.get(0).primaryNanos()).isZero();
    }

    @Test
    void shadow_getsItsCopyAfterTheRequestItself() {
        List<Integer> sentBefore = new ArrayList<>();
        shadow.script((request, context) -> {
            sentBefore.add(rig.transport.sends());
            return CompletableFuture.completedFuture(response("a"));
        });
        assertThat(shadowed().predictAsync("a")).isCompletedWithValue("a");
        assertThat(sentBefore).containsExactly(1);
    }

    @Test
    void shadow_thatTakesItsTimeToSend_keepsNoCallerWaiting() {
        Queue<Runnable> held = new ArrayDeque<>();
        Predictor<String, String> predictor = rig.build(shadowed(1).callbackExecutor(held::add));
        CompletableFuture<String> call = predictor.predictAsync("a");
        assertThat(rig.transport.sends()).isEqualTo(1);
        assertThat(shadow.sends()).isZero();
        shadow.answer(request -> response("a"));
        while (!held.isEmpty()) {
            held.remove().run();
        }
        assertThat(call).isCompletedWithValue("a");
        assertThat(seen).hasSize(1);
    }

    @Test
    void copy_thatChanceThrowsAt_isNotMadeAndHurtsNobody() {
        RandomGenerator broken = () -> {
            throw new IllegalStateException("no entropy");
        };
        Predictor<String, String> predictor = rig.build(shadowed(0.5).random(broken));
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(shadow.sends()).isZero();
    }

    @Test
    void copy_begunAfterTheClose_isGivenUpAtOnce() {
        Queue<Runnable> held = new ArrayDeque<>();
        AtomicBoolean holding = new AtomicBoolean(true);
        rig.transport.script((request, context) -> new CompletableFuture<>());
        Predictor<String, String> predictor = rig.build(shadowed(1).callbackExecutor(task -> {
            if (holding.get()) {
                held.add(task);
            } else {
                task.run();
            }
        }));
        CompletableFuture<String> call = predictor.predictAsync("a");
        holding.set(false);
        call.cancel(true);
        predictor.close();
        held.forEach(Runnable::run);
        assertThat(shadow.sends()).isZero();
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).shadowError()).isInstanceOf(CancellationException.class);
    }

    @Test
    void shadow_thatHangs_isGivenUpAtTheDeadline() {
        assertThat(shadowed().predictAsync("a")).isCompletedWithValue("a");
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(category(seen.get(0).shadowError())).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(shadow.cancels()).isEqualTo(1);
    }

    @Test
    void shadow_thatFailsOrBreaksItsContract_hurtsNobody() {
        shadow.fail(() -> Rig.failure(ErrorCategory.OVERLOADED))
                .throwing(() -> new IllegalStateException("broken"))
                .script((request, context) -> null)
                .script((request, context) -> CompletableFuture.completedFuture(null));
        Predictor<String, String> predictor = shadowed();
        for (int i = 0; i < 4; i++) {
            assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        }
        assertThat(seen)
                .extracting(event -> category(event.shadowError()))
                .containsExactly(
                        ErrorCategory.OVERLOADED,
                        ErrorCategory.INTERNAL,
                        ErrorCategory.INTERNAL,
                        ErrorCategory.INTERNAL);
    }

    @Test
    void shadow_whoseLimitIsReached_getsNoCopy() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).build();
        Predictor<String, String> predictor = rig.build(shadowed(1).limits(one));
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        assertThat(shadow.sends()).isEqualTo(1);
        assertThat(category(seen.get(0).shadowError())).isEqualTo(ErrorCategory.LOCAL_REJECTED);
        shadow.sent(0).answer().complete(response("a"));
    }

    @Test
    void shadow_whoseBreakerIsOpen_getsNoCopyAndThePrimaryGoesOn() {
        BreakerPolicy touchy = BreakerPolicy.builder().window(1).minSeen(1).build();
        shadow.fail(() -> Rig.failure(ErrorCategory.OVERLOADED));
        Predictor<String, String> predictor = rig.build(shadowed(1).breaker(touchy));
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        assertThat(shadow.sends()).isEqualTo(1);
        assertThat(Rig.gates(predictor).breaker(-1)).isEqualTo("OPEN");
        assertThat(Rig.gates(predictor).breaker(0)).isEqualTo("CLOSED");
    }

    @Test
    void close_givesUpTheCopiesThatAreOut() {
        Predictor<String, String> predictor = shadowed();
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        predictor.close();
        assertThat(shadow.cancels()).isEqualTo(1);
        assertThat(seen.get(0).shadowError()).isInstanceOf(CancellationException.class);
        assertThat(shadow.closes()).isEqualTo(1);
    }

    @Test
    void call_thatIsGivenUpAtAnyMomentOfItsStart_leavesNoCopyOut() {
        for (int moment = 1; moment <= 30; moment++) {
            Rig halved = new Rig();
            AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
            AtomicReference<CompletableFuture<?>> call = new AtomicReference<>();
            Ticker ticker = () -> {
                if (left.decrementAndGet() == 0) {
                    call.get().cancel(true);
                }
                return halved.clock.nanos();
            };
            FakeTransport copies = new FakeTransport();
            LatencyRecorder told = new LatencyRecorder();
            Predictor<String, String> predictor = halved.retrying()
                    .route(Route.to(halved.transport).shadow(copies, 1))
                    .time(ticker, halved.clock)
                    .listener(told)
                    .build();
            call.set(predictor.callAllAsync(List.of("a", "b"), CallOptions.none()));
            left.set(moment);
            halved.fail(0, Rig.failure(ErrorCategory.PAYLOAD_TOO_LARGE)); // the halves start on this thread
            left.set(Integer.MAX_VALUE);
            halved.clock.advance(Rig.TIMEOUT);
            assertThat(told.snapshot().shadows()).as("moment %d", moment).isEqualTo(copies.sends());
            halved.assertAtRest();
        }
    }

    @Test
    void primary_thatIsRetried_isCopiedOnce() {
        Rig failing = new Rig();
        failing.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED));
        shadow.answer(request -> response("a"));
        CompletableFuture<String> call = failing.build(
                        failing.retrying().route(Route.to(failing.transport).shadow(shadow, 1)))
                .predictAsync("a");
        failing.advanceMillis(150);
        assertThat(Rig.errorOf(call).attempts()).isEqualTo(3);
        assertThat(shadow.sends()).isEqualTo(1);
        failing.assertAtRest();
    }

    @Test
    void share_ofTheRequests_isDrawn() {
        shadow.answer(request -> response("a"));
        Predictor<String, String> predictor = rig.build(shadowed(0.05));
        for (int i = 0; i < 1_000; i++) {
            assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        }
        assertThat(shadow.sends()).isBetween(22, 78); // four times the standard deviation; the seed is fixed
    }
}
