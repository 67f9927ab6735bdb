package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.transport.Interceptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterceptorTest {
    private final Rig rig = new Rig().echo();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private Predictor<String, String> with(Interceptor interceptor) {
        return rig.builder().interceptor(interceptor).build();
    }

    @Test
    void interceptors_wrapTheRequestInTheirOrder() {
        List<String> seen = new ArrayList<>();
        Predictor<String, String> predictor = rig.builder()
                .interceptor(noting("outer", seen))
                .interceptor(noting("inner", seen))
                .build();
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(seen).containsExactly("outer in", "inner in", "inner out", "outer out");
    }

    private static Interceptor noting(String name, List<String> seen) {
        return chain -> {
            seen.add(name + " in");
            assertThat(chain.deadline().isExpired()).isFalse();
            return chain.proceed(chain.request()).whenComplete((answer, fault) -> seen.add(name + " out"));
        };
    }

    @Test
    void interceptor_answeringItself_sendsNothing() {
        Prediction<String> prediction = with(chain -> CompletableFuture.completedFuture(response("cached")))
                .call("a", CallOptions.none());
        assertThat(prediction.value()).isEqualTo("cached");
        assertThat(prediction.attempts()).isZero();
        assertThat(rig.transport.sends()).isZero();
    }

    @Test
    void interceptor_replacingTheRequest_isSentWhatItGave() {
        Predictor<String, String> predictor =
                with(chain -> chain.proceed(chain.request().withPayload(TextCodec.text("b"))));
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("b");
    }

    @Test
    void interceptor_throwingOrReturningNull_failsTheCall() {
        InferenceException thrown = Rig.errorOf(with(chain -> {
                    throw new IllegalStateException("mine");
                })
                .predictAsync("a"));
        assertThat(thrown.category()).isEqualTo(ErrorCategory.INTERNAL);
        assertThat(thrown).hasMessageContaining("mine").hasCauseInstanceOf(IllegalStateException.class);
        assertThat(Rig.errorOf(with(new Named(null)).predictAsync("a")))
                .hasMessageContaining("interceptor Named returned null");
        assertThat(rig.transport.sends()).isZero();
    }

    @Test
    void interceptor_throwing_reachesTheOuterOneByTheFuture() {
        Predictor<String, String> predictor = rig.builder()
                .interceptor(chain -> chain.proceed(chain.request()).exceptionally(fault -> response("fallback")))
                .interceptor(chain -> {
                    throw new IllegalStateException();
                })
                .build();
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("fallback");
    }

    private record Named(CompletableFuture<io.foretell.transport.InferenceResponse> answer) implements Interceptor {
        @Override
        public CompletableFuture<io.foretell.transport.InferenceResponse> intercept(io.foretell.transport.Chain chain) {
            if (answer != null) {
                chain.proceed(chain.request());
                return chain.proceed(chain.request());
            }
            return answer;
        }

        @Override
        public String toString() {
            return "Named";
        }
    }

    @Test
    void interceptor_proceedingTwice_isNamedAndLeavesNothingOnTheWire() {
        rig.transport.hold();
        rig.predictor().predictAsync("echoed");
        InferenceException error =
                Rig.errorOf(with(new Named(new CompletableFuture<>())).predictAsync("a"));
        assertThat(error).hasMessageContaining("interceptor Named called proceed twice");
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void interceptor_notWaitingForTheAnswer_endsTheAttempt() {
        rig.transport.hold();
        rig.predictor().predictAsync("echoed");
        Predictor<String, String> predictor = with(chain -> {
            chain.proceed(chain.request());
            return CompletableFuture.completedFuture(response("mine"));
        });
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("mine");
        assertThat(rig.transport.cancels()).isEqualTo(1);
    }

    @Test
    void interceptor_neverCompleting_isEndedByTheDeadline() {
        CompletableFuture<String> future = with(chain -> {
                    chain.proceed(chain.request());
                    return new CompletableFuture<>();
                })
                .predictAsync("a");
        assertThat(future).isNotDone();
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(Rig.errorOf(future).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(rig.events.lines()).endsWith("attempt- 1 ok", "request- 1 DEADLINE", "call- 1 DEADLINE");
    }

    @Test
    void interceptor_proceedingAfterTheEnd_sendsNothing() {
        AtomicReference<Runnable> late = new AtomicReference<>();
        CompletableFuture<String> future = with(chain -> {
                    late.set(() -> chain.proceed(chain.request()));
                    return new CompletableFuture<>();
                })
                .predictAsync("a");
        rig.clock.advance(Rig.TIMEOUT);
        late.get().run();
        assertThat(future).isCompletedExceptionally();
        assertThat(rig.transport.sends()).isZero();
    }

    @Test
    void interceptor_answeringNull_failsTheCall() {
        InferenceException error = Rig.errorOf(
                with(chain -> CompletableFuture.completedFuture(null)).predictAsync("a"));
        assertThat(error).hasMessageContaining("interceptor gave null");
        assertThat(error.retrySafety()).isEqualTo(RetrySafety.SAFE);
    }
}
