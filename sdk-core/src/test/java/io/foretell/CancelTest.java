package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.policy.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CancelTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void cancel_ofTheFuture_reachesTheWire() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        future.cancel(true);
        assertThat(future).isCancelled();
        assertThat(rig.transport.cancels()).isEqualTo(1);
        assertThat(rig.events.lines())
                .containsExactly(
                        "call+ 1",
                        "request+ 1",
                        "attempt+ 1",
                        "attempt- 1 CancellationException",
                        "request- 1 CancellationException",
                        "call- 1 CancellationException");
    }

    @Test
    void cancel_ofAGroup_reachesTheWire() {
        CompletableFuture<List<ItemResult<Prediction<String>>>> future =
                rig.predictor().callAllAsync(List.of("a", "b"), CallOptions.none());
        future.cancel(true);
        assertThat(future).isCancelled();
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void complete_byTheUser_reachesTheWireAndKeepsTheUsersValue() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        future.complete("mine");
        assertThat(future).isCompletedWithValue("mine");
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void orTimeout_byTheUser_reachesTheWire() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        CompletableFuture<Void> wireEnd = new CompletableFuture<>();
        rig.transport.sent(0).answer().whenComplete((answer, fault) -> wireEnd.complete(null));
        future.orTimeout(1, TimeUnit.MILLISECONDS);
        wireEnd.join();
        assertThatThrownBy(future::get).hasCauseInstanceOf(TimeoutException.class);
        rig.clock.advance(Rig.TIMEOUT); // whatever of it is not told yet
        Rig.until(() -> rig.events.unpaired().isEmpty());
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void cancel_ofADerivedFuture_leavesTheCallAlone() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        future.thenApply(value -> value).cancel(true);
        assertThat(rig.transport.cancels()).isZero();
        rig.transport.sent(0).answer().complete(TextCodec.response("x"));
        assertThat(future).isCompletedWithValue("x");
    }

    @Test
    void interrupt_ofABlockingCall_cancelsItAndKeepsTheFlag() {
        Predictor<String, String> predictor = rig.predictor();
        rig.transport.script((request, context) -> {
            Thread.currentThread().interrupt();
            return new CompletableFuture<>();
        });
        assertThatThrownBy(() -> predictor.predict("a")).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThatThrownBy(() -> predictor.predictAll(List.of("a", "b"))).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(rig.transport.cancels()).isEqualTo(2);
    }

    @Test
    void interrupt_whileWaiting_wakesTheThread() throws InterruptedException {
        Predictor<String, String> predictor = rig.predictor();
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        rig.transport.script((request, context) -> {
            sent.complete(null);
            return new CompletableFuture<>();
        });
        Thread waiter = new Thread(() -> {
            try {
                predictor.predict("a");
            } catch (Throwable thrown) {
                seen.complete(Thread.currentThread().isInterrupted() ? thrown : null);
            }
        });
        waiter.start();
        sent.join();
        waiter.interrupt();
        waiter.join();
        assertThat(seen.join()).isInstanceOf(CancellationException.class);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void close_fromWhatHangsOnACancelledFuture_doesNotDeadlock() {
        Predictor<String, String> predictor = rig.predictor();
        CompletableFuture<String> future = predictor.predictAsync("a");
        future.whenComplete((value, error) -> predictor.close());
        future.cancel(true);
        Rig.until(() -> rig.transport.closes() > 0);
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void cancel_withinTheStartOfAnAttempt_sendsNothing() {
        AtomicReference<CompletableFuture<String>> future = new AtomicReference<>();
        rig.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED, RetrySafety.SAFE));
        Predictor<String, String> predictor = rig.builder()
                .retry(RetryPolicy.defaults())
                .listener(new CallListener() {
                    @Override
                    public void attemptStarted(CallEvent event) {
                        if (event.attempt() == 2) {
                            future.get().cancel(true);
                        }
                    }
                })
                .build();
        future.set(predictor.predictAsync("a"));
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(future.get()).isCancelled();
        assertThat(rig.transport.sends()).isEqualTo(1);
    }

    @Test
    void cancel_withinTheStartOfARequest_encodesAndSendsNothing() {
        Predictor<String, String> predictor = rig.builder()
                .listener(new CallListener() {
                    @Override
                    public void requestStarted(CallEvent event) {
                        rig.clock.advance(Rig.TIMEOUT);
                    }
                })
                .build();
        assertThat(predictor.predictAsync("a")).isCompletedExceptionally();
        assertThat(rig.transport.sends()).isZero();
    }
}
