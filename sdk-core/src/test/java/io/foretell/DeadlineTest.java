package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.codec.ItemResult;
import io.foretell.error.DeadlineExceededException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.Payload;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration NANO = Duration.ofNanos(1);

    private final Rig rig = new Rig();

    @Test
    void deadline_withATransportThatHangs_endsTheCallAndTheWire() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT.minus(NANO));
        assertThat(future).isNotDone();
        assertThat(rig.clock.pendingTimers()).isEqualTo(1);
        rig.clock.advance(NANO);
        InferenceException error = Rig.errorOf(future);
        assertThat(error).isInstanceOf(DeadlineExceededException.class).hasMessageContaining("within 10000.0 ms");
        assertThat(error.attempts()).isEqualTo(1);
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
        assertThat(rig.transport.cancels()).isEqualTo(1);
        assertThat(rig.events.lines())
                .containsExactly(
                        "call+ 1",
                        "request+ 1",
                        "attempt+ 1",
                        "attempt- 1 DEADLINE",
                        "request- 1 DEADLINE",
                        "call- 1 DEADLINE");
        rig.assertAtRest();
    }

    @Test
    void deadline_ofACallWithATimeoutOfItsOwn_takesThePlaceOfThePredictors() {
        Predictor<String, String> predictor = rig.predictor();
        CompletableFuture<String> shorter =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofSeconds(1)));
        CompletableFuture<String> longer =
                predictor.predictAsync("b", CallOptions.none().withTimeout(Duration.ofSeconds(20)));
        rig.clock.advance(Duration.ofSeconds(1));
        assertThat(shorter).isCompletedExceptionally();
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(longer).isNotDone();
        rig.transport.sent(1).answer().complete(response("b"));
        assertThat(longer).isCompletedWithValue("b");
        rig.assertAtRest();
    }

    @Test
    void deadline_withinEncoding_sendsNothing() {
        TextCodec slow = new TextCodec() {
            @Override
            public Payload encode(List<String> inputs) {
                rig.clock.advance(Rig.TIMEOUT);
                return super.encode(inputs);
            }
        };
        Predictor<String, String> predictor = rig.builder(slow).build();
        InferenceException error = Rig.errorOf(predictor.predictAsync("a"));
        assertThat(error.category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThatThrownBy(() -> predictor.predict("b")).isInstanceOf(DeadlineExceededException.class);
        assertThat(rig.transport.sends()).isZero();
        rig.assertAtRest();
    }

    @Test
    void deadline_withinDecoding_counts() {
        TextCodec slow = new TextCodec() {
            @Override
            public List<ItemResult<String>> decode(Payload payload, int count) {
                rig.clock.advance(Rig.TIMEOUT);
                return super.decode(payload, count);
            }
        };
        rig.echo();
        Predictor<String, String> predictor = rig.builder(slow).build();
        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThatThrownBy(() -> predictor.predict("b")).isInstanceOf(DeadlineExceededException.class);
        rig.assertAtRest();
    }

    @Test
    void deadline_afterTheAnswer_changesNothing() {
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT.minus(NANO));
        rig.transport.sent(0).answer().complete(response("x"));
        rig.clock.advance(NANO);
        assertThat(future).isCompletedWithValue("x");
        rig.assertAtRest();
    }

    @Test
    void deadline_beforeTheAnswer_dropsTheAnswer() {
        rig.transport.script((request, context) -> new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false; // the answer is on its way and comes all the same
            }
        });
        CompletableFuture<String> future = rig.predictor().predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT);
        rig.transport.sent(0).answer().complete(response("x"));
        assertThat(Rig.errorOf(future).category()).isEqualTo(ErrorCategory.DEADLINE);
        rig.assertAtRest();
    }

    @Test
    void deadline_ofAGroup_endsEveryItemWithOneTimer() {
        CompletableFuture<List<ItemResult<Prediction<String>>>> future =
                rig.predictor().callAllAsync(List.of("a", "b", "c"), CallOptions.none());
        assertThat(rig.clock.pendingTimers()).isEqualTo(1);
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(future.join())
                .extracting(result -> result.error().category())
                .containsOnly(ErrorCategory.DEADLINE)
                .hasSize(3);
        assertThat(rig.transport.cancels()).isEqualTo(1);
        rig.assertAtRest();
    }

    @Test
    void scheduler_thatTakesNoTimer_failsTheCallAndStopsTheWire() {
        for (RuntimeException fault :
                List.of(new RejectedExecutionException("full"), new IllegalStateException("full"))) {
            Predictor<String, String> predictor = rig.builder()
                    .time(rig.clock, (task, delay) -> {
                        throw fault;
                    })
                    .build();
            InferenceException error = Rig.errorOf(predictor.predictAsync("a"));
            assertThat(error.category()).isEqualTo(ErrorCategory.LOCAL_REJECTED);
            assertThat(error.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
            assertThat(error).hasMessageContaining("scheduler").hasCause(fault);
            predictor.close();
        }
        assertThat(rig.transport.cancels()).isEqualTo(rig.transport.sends()).isEqualTo(2);
    }
}
