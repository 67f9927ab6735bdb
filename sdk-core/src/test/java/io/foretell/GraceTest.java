package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.policy.LimitPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls in flight when their predictor closes. */
@Timeout(60)
class GraceTest {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private Thread closing(Predictor<String, String> predictor) {
        Thread closer = new Thread(predictor::close);
        closer.start();
        Rig.until(() -> closer.getState() == Thread.State.WAITING || !closer.isAlive());
        return closer;
    }

    private static void assertClosed(CompletableFuture<String> call) {
        InferenceException error = Rig.errorOf(call);
        assertThat(error)
                .isInstanceOf(RejectedException.class)
                .hasMessageMatching(".* its grace of 2000 ms, after which it gave up [12] calls");
        assertThat(error.category()).isEqualTo(ErrorCategory.CLOSED);
    }

    @Test
    void inFlight_afterTheGrace_isGivenUp() {
        Predictor<String, String> predictor = rig.build(rig.retrying().closeGrace(GRACE));
        CompletableFuture<String> call = predictor.predictAsync("a");
        Thread closer = closing(predictor);
        rig.clock.advance(GRACE.minusMillis(1));
        assertThat(call).isNotDone();
        rig.advanceMillis(1);
        assertClosed(call);
        assertThat(rig.transport.cancels()).isEqualTo(1);
        Rig.until(() -> !closer.isAlive());
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void inBackoff_endsAtOnceWithItsOwnError() {
        Predictor<String, String> predictor = rig.build(rig.retrying().closeGrace(GRACE));
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.OVERLOADED));
        predictor.close();
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(rig.transport.sends()).isEqualTo(1);
    }

    @Test
    void inBackoff_whileItsCallIsStillBeingStarted_endsToo() {
        AtomicReference<Predictor<String, String>> self = new AtomicReference<>();
        rig.transport.fail(() -> Rig.failure(ErrorCategory.OVERLOADED));
        self.set(rig.build(rig.retrying().interceptor(chain -> {
            var answer = chain.proceed(chain.request());
            self.get().close();
            return answer;
        })));
        CompletableFuture<String> call = self.get().predictAsync("a");
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.OVERLOADED);
        assertThat(rig.transport.sends()).isEqualTo(1);
    }

    @Test
    void failure_whileClosing_isNotRetried() {
        Predictor<String, String> predictor = rig.build(rig.retrying().closeGrace(GRACE));
        CompletableFuture<String> call = predictor.predictAsync("a");
        Thread closer = closing(predictor);
        rig.fail(0, Rig.failure(ErrorCategory.CONNECT));
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.CONNECT);
        Rig.until(() -> !closer.isAlive());
        assertThat(rig.transport.sends()).isEqualTo(1);
    }

    @Test
    void queued_whileClosing_isSentInTheGraceAndGivenUpAfterIt() {
        LimitPolicy one = LimitPolicy.builder().maxInFlight(1).maxQueued(2).build();
        Predictor<String, String> predictor =
                rig.build(rig.retrying().limits(one).closeGrace(GRACE));
        CompletableFuture<String> first = predictor.predictAsync("a");
        CompletableFuture<String> second = predictor.predictAsync("b");
        CompletableFuture<String> third = predictor.predictAsync("c");
        Thread closer = closing(predictor);
        rig.answer(0);
        assertThat(first).isCompleted();
        rig.clock.advance(GRACE);
        assertClosed(second);
        assertClosed(third);
        Rig.until(() -> !closer.isAlive());
        assertThat(rig.transport.sends()).isEqualTo(2);
    }

    @Test
    void call_thatStartsWhileTheGraceRunsOut_isGivenUpToo() {
        AtomicReference<Predictor<String, String>> self = new AtomicReference<>();
        Predictor<String, String> predictor =
                rig.build(rig.retrying().closeGrace(Duration.ZERO).listener(new CallListener() {
                    @Override
                    public void callStarted(CallEvent event) {
                        self.get().close();
                        rig.clock.advance(Duration.ZERO);
                    }
                }));
        self.set(predictor);
        CompletableFuture<String> call = predictor.predictAsync("a");
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.CLOSED);
        Rig.until(() -> rig.transport.closes() == 1);
    }

    @ParameterizedTest
    @ValueSource(classes = {RejectedExecutionException.class, IllegalStateException.class})
    void grace_withoutATimer_isNone(Class<? extends RuntimeException> thrown) throws ReflectiveOperationException {
        RuntimeException refusal = thrown.getConstructor().newInstance();
        AtomicBoolean shutDown = new AtomicBoolean();
        Predictor<String, String> predictor =
                rig.build(rig.retrying().closeGrace(GRACE).time(rig.clock, (task, delay) -> {
                    if (shutDown.get()) {
                        throw refusal;
                    }
                    return rig.clock.schedule(task, delay);
                }));
        CompletableFuture<String> call = predictor.predictAsync("a");
        shutDown.set(true);
        predictor.close();
        assertClosed(call);
    }

    @Test
    void attemptErrors_areToldByTheEndOfTheGrace() {
        Predictor<String, String> predictor = rig.build(rig.retrying().closeGrace(GRACE));
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.OVERLOADED));
        rig.advanceMillis(50);
        Thread closer = closing(predictor);
        rig.clock.advance(GRACE);
        assertThat(Rig.errorOf(call).attempts()).isEqualTo(2);
        assertThat(Rig.errorOf(call).getSuppressed())
                .singleElement()
                .satisfies(each ->
                        assertThat(((InferenceException) each).category()).isEqualTo(ErrorCategory.OVERLOADED));
        Rig.until(() -> !closer.isAlive());
    }
}
