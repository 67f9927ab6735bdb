package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CloseTest {
    private final Rig rig = new Rig();

    @Test
    void close_twice_closesTheTransportOnce() {
        Predictor<String, String> predictor = rig.predictor();
        predictor.close();
        predictor.close();
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void closed_predictor_refusesCalls() {
        Predictor<String, String> predictor = rig.predictor();
        predictor.close();
        InferenceException error = Rig.errorOf(predictor.predictAsync("a"));
        assertThat(error).isInstanceOf(RejectedException.class).hasMessageContaining("fake nowhere is closed");
        assertThat(error.category()).isEqualTo(ErrorCategory.CLOSED);
        assertThatThrownBy(() -> predictor.predict("a")).isInstanceOf(RejectedException.class);
        assertThatThrownBy(() -> predictor.predictAll(List.of("a"))).isInstanceOf(RejectedException.class);
        assertThat(rig.transport.sends()).isZero();
        rig.assertAtRest();
    }

    @Test
    void close_withACallInFlight_waitsForItsEnd() {
        Predictor<String, String> predictor = rig.predictor();
        CompletableFuture<String> future = predictor.predictAsync("a");
        Thread closer = new Thread(predictor::close);
        closer.start();
        Rig.until(() -> closer.getState() == Thread.State.WAITING);
        assertThat(rig.transport.closes()).isZero();
        assertThat(Rig.errorOf(predictor.predictAsync("b")).category()).isEqualTo(ErrorCategory.CLOSED);
        rig.transport.sent(0).answer().complete(response("x"));
        Rig.until(() -> !closer.isAlive());
        assertThat(future).isCompletedWithValue("x");
        assertThat(rig.transport.closes()).isEqualTo(1);
    }

    @Test
    void close_returning_meansEveryFutureIsComplete() {
        rig.echo();
        for (int i = 0; i < 500; i++) {
            Predictor<String, String> predictor =
                    Predictor.builder(new TextCodec()).transport(rig.transport).build();
            CompletableFuture<String> future = predictor.predictAsync("a");
            predictor.close();
            assertThat(future).isDone();
        }
    }

    @Test
    void close_fromEveryCallback_doesNotDeadlock() {
        rig.echo();
        for (String place : List.of("call+", "request+", "attempt+", "attempt-", "request-", "call-")) {
            AtomicReference<Predictor<String, String>> self = new AtomicReference<>();
            Predictor<String, String> predictor = Predictor.builder(new TextCodec())
                    .transport(rig.transport)
                    .listener(closingAt(place, self))
                    .build();
            self.set(predictor);
            int before = rig.transport.closes();
            assertThat(predictor.predictAsync("a").join()).isEqualTo("a");
            Rig.until(() -> rig.transport.closes() > before);
        }
    }

    private static CallListener closingAt(String place, AtomicReference<Predictor<String, String>> self) {
        return new CallListener() {
            private void at(String here) {
                if (here.equals(place)) {
                    self.get().close();
                }
            }

            @Override
            public void callStarted(CallEvent event) {
                at("call+");
            }

            @Override
            public void requestStarted(CallEvent event) {
                at("request+");
            }

            @Override
            public void attemptStarted(CallEvent event) {
                at("attempt+");
            }

            @Override
            public void attemptEnded(CallEvent event) {
                at("attempt-");
            }

            @Override
            public void requestEnded(CallEvent event) {
                at("request-");
            }

            @Override
            public void callEnded(CallEvent event) {
                at("call-");
            }
        };
    }

    @Test
    void close_fromWhatHangsOnAFuture_doesNotDeadlock() {
        Predictor<String, String> predictor = rig.predictor();
        CompletableFuture<Void> closed = predictor.predictAsync("a").thenAccept(value -> predictor.close());
        rig.transport.sent(0).answer().complete(response("x"));
        closed.join();
        Rig.until(() -> rig.transport.closes() == 1);
    }

    @Test
    void close_interrupted_finishesInTheBackground() {
        Predictor<String, String> predictor = rig.predictor();
        predictor.predictAsync("a");
        Thread.currentThread().interrupt();
        predictor.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(rig.transport.closes()).isZero();
        rig.transport.sent(0).answer().complete(response("x"));
        Rig.until(() -> rig.transport.closes() == 1);
    }

    @Test
    void transport_sharedByToBuilder_isClosedByTheLast() {
        rig.echo();
        Predictor<String, String> one = rig.predictor();
        PredictorBuilder<String, String> builder = one.toBuilder();
        Predictor<String, String> other = builder.build();
        one.close();
        assertThat(rig.transport.closes()).isZero();
        assertThat(other.predict("a")).isEqualTo("a");
        other.close();
        assertThat(rig.transport.closes()).isEqualTo(1);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void close_ofADefaultPredictor_leavesNoThread() {
        rig.echo();
        Set<Thread> before = ownThreads();
        Predictor<String, String> predictor =
                Predictor.builder(new TextCodec()).transport(rig.transport).build();
        assertThat(predictor.predictAsync("a").join()).isEqualTo("a");
        Set<Thread> mine = ownThreads();
        mine.removeAll(before);
        assertThat(mine).isNotEmpty().allMatch(Thread::isDaemon);
        predictor.close();
        Rig.until(() -> mine.stream().noneMatch(Thread::isAlive));
    }

    private static Set<Thread> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("foretell-"))
                .collect(Collectors.toSet());
    }
}
