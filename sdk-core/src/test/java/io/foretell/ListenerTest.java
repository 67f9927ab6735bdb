package io.foretell;

import static io.foretell.TextCodec.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.event.Phase;
import io.foretell.event.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenerTest {
    private final Rig rig = new Rig();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    @Test
    void events_ofABatch_pairAndNest() {
        rig.echo();
        rig.predictor().predictAll(List.of("a", "b"));
        assertThat(rig.events.lines())
                .containsExactly(
                        "call+ 1",
                        "call+ 2",
                        "request+ 1",
                        "attempt+ 1",
                        "attempt- 1 ok",
                        "request- 1 ok",
                        "call- 1 ok",
                        "call- 2 ok");
    }

    @Test
    void events_ofAnAnsweredCall_carryPhases() {
        CompletableFuture<Prediction<String>> future = rig.predictor().callAsync("a", CallOptions.none());
        var sent = rig.transport.sent(0);
        rig.clock.advance(Duration.ofNanos(3));
        sent.context().requestSent();
        rig.clock.advance(Duration.ofNanos(5));
        sent.context().responseStarted();
        rig.clock.advance(Duration.ofNanos(7));
        sent.context().responseStarted(); // only the first counts
        sent.answer().complete(response("x"));

        List<CallEvent> ends = rig.events.ends();
        Timings attempt = ends.get(0).timings();
        assertThat(attempt.nanos(Phase.SEND)).isEqualTo(3);
        assertThat(attempt.nanos(Phase.WAIT)).isEqualTo(5);
        assertThat(attempt.nanos(Phase.RECEIVE)).isEqualTo(7);
        assertThat(attempt.nanos(Phase.ATTEMPT)).isEqualTo(15);
        Timings request = ends.get(1).timings();
        assertThat(request.nanos(Phase.ENCODE)).isZero();
        assertThat(request.nanos(Phase.DECODE)).isZero();
        Timings call = ends.get(2).timings();
        assertThat(call.nanos(Phase.CALL)).isEqualTo(15);
        assertThat(call.nanos(Phase.RECEIVE)).isEqualTo(7);
        assertThat(future.join().timings().nanos(Phase.CALL)).isEqualTo(15);
    }

    @Test
    void listener_throwing_changesNothingForTheOthers() {
        rig.echo();
        CallListener broken = new CallListener() {
            @Override
            public void callStarted(CallEvent event) {
                throw new IllegalStateException();
            }

            @Override
            public void attemptEnded(CallEvent event) {
                throw new StackOverflowError();
            }

            @Override
            public void callEnded(CallEvent event) {
                throw new IllegalStateException();
            }
        };
        CallListener first = broken;
        Predictor<String, String> predictor = Predictor.builder(new TextCodec())
                .transport(rig.transport)
                .time(rig.clock, rig.clock)
                .callbackExecutor(Runnable::run)
                .listener(first)
                .listener(rig.events)
                .build();
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(rig.events.lines()).hasSize(6);
        assertThat(rig.events.unpaired()).isEmpty();
    }

    @Test
    void listener_callingPredict_getsItsAnswer() {
        rig.echo();
        List<String> inner = new ArrayList<>();
        Predictor<?, ?>[] self = new Predictor<?, ?>[1];
        @SuppressWarnings("unchecked")
        Predictor<String, String> predictor = rig.builder()
                .listener(new CallListener() {
                    @Override
                    public void callEnded(CallEvent event) {
                        if (event.id() == 1) {
                            inner.add(((Predictor<String, String>) self[0]).predict("inner"));
                        }
                    }
                })
                .build();
        self[0] = predictor;
        assertThat(predictor.predict("outer")).isEqualTo("outer");
        assertThat(inner).containsExactly("inner");
    }

    @Test
    void refusedCall_hasNoEvents() {
        Predictor<String, String> predictor = rig.predictor();
        predictor.close();
        assertThat(Rig.errorOf(predictor.predictAsync("a")).category()).isEqualTo(ErrorCategory.CLOSED);
        assertThat(rig.events.lines()).isEmpty();
    }
}
