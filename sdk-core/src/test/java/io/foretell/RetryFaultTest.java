package io.foretell;

import static io.foretell.error.ErrorCategory.LOCAL_REJECTED;
import static io.foretell.error.ErrorCategory.OVERLOADED;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Retries where something on this side is broken or late. */
@Timeout(60)
class RetryFaultTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void backoff_whoseTimerIsLate_endsWithTheErrorItHas() {
        Queue<Runnable> held = new ArrayDeque<>();
        CompletableFuture<String> call =
                rig.build(rig.retrying().callbackExecutor(held::add)).predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        held.remove().run(); // the failure
        rig.clock.advance(Rig.TIMEOUT);
        held.remove().run(); // the backoff's end, ten seconds late
        assertThat(Rig.errorOf(call).category()).isEqualTo(OVERLOADED);
        assertThat(rig.transport.sends()).isEqualTo(1);
        held.forEach(Runnable::run);
    }

    @Test
    void chance_thatThrows_endsTheCallAtOnce() {
        RandomGenerator broken = () -> {
            throw new IllegalStateException("no entropy");
        };
        CompletableFuture<String> call =
                rig.build(rig.retrying().random(broken)).predictAsync("a");
        rig.fail(0, Rig.failure(OVERLOADED));
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.INTERNAL);
        assertThat(Rig.errorOf(call)).hasMessageContaining("no entropy");
    }

    @Test
    void ticker_thatThrowsAtAnAnswer_endsTheCallAtOnce() {
        AtomicBoolean breaks = new AtomicBoolean();
        Ticker moody = () -> {
            if (breaks.getAndSet(false)) {
                throw new IllegalStateException("no time");
            }
            return rig.clock.nanos();
        };
        CompletableFuture<String> call =
                rig.build(rig.retrying().time(moody, rig.clock)).predictAsync("a");
        breaks.set(true);
        rig.answer(0);
        assertThat(Rig.errorOf(call)).hasMessageContaining("no time");
    }

    @Test
    void timer_thatThrowsWhenItIsCancelled_keepsNoCallAndNoCloseWaiting() {
        Scheduler moody = (task, delay) -> {
            Scheduler.Timer timer = rig.clock.schedule(task, delay);
            return () -> {
                timer.cancel();
                throw new IllegalStateException("no cancel");
            };
        };
        Predictor<String, String> predictor = rig.build(rig.retrying().time(rig.clock, moody));
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.answer(0);
        assertThat(call).isCompletedWithValue("answer 0");
        predictor.close();
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void backoff_overBeforeItsTimerIsKnown_leavesTheNextItsOwn() {
        AtomicBoolean early = new AtomicBoolean();
        Scheduler eager = (task, delay) -> {
            if (early.getAndSet(false)) {
                task.run();
                return () -> {};
            }
            return rig.clock.schedule(task, delay);
        };
        rig.transport.script((request, context) -> new CompletableFuture<>()).fail(() -> Rig.failure(OVERLOADED));
        CompletableFuture<String> call =
                rig.build(rig.retrying().time(rig.clock, eager)).predictAsync("a");
        early.set(true);
        rig.fail(0, Rig.failure(OVERLOADED)); // the second fails at once, before the first timer is returned
        assertThat(rig.transport.sends()).isEqualTo(2);
        call.cancel(true);
        assertThat(rig.clock.pendingTimers()).isZero();
    }

    @Test
    void failure_onThisSide_isNotRetried() {
        for (Throwable fault : List.of(
                Rig.failure(LOCAL_REJECTED), new StackOverflowError(), new IllegalStateException("programmer's"))) {
            Rig other = new Rig();
            other.transport.fail(() -> fault);
            Rig.errorOf(other.build(other.retrying()).predictAsync("a"));
            assertThat(other.transport.sends()).isEqualTo(1);
            other.assertAtRest();
        }
    }
}
