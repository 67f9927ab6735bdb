package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.event.Phase;
import io.foretell.internal.engine.WaitingExecutor;
import io.foretell.policy.RetryPolicy;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a call leaves out that nobody asks for. */
class LightCallTest {
    private final Rig rig = new Rig().echo();
    private final AtomicInteger readings = new AtomicInteger();
    private final AtomicInteger timers = new AtomicInteger();

    private final Ticker ticker = () -> {
        readings.incrementAndGet();
        return rig.clock.nanos();
    };

    private final Scheduler scheduler = (task, delay) -> {
        timers.incrementAndGet();
        return rig.clock.schedule(task, delay);
    };

    /** Without listeners. */
    private Predictor<String, String> predictor() {
        return Predictor.builder(new TextCodec())
                .transport(rig.transport)
                .retry(RetryPolicy.none())
                .time(ticker, scheduler)
                .callbackExecutor(Runnable::run)
                .build();
    }

    @Test
    void call_thatNobodyTimes_readsTheClockFiveTimes() {
        Predictor<String, String> predictor = predictor();
        readings.set(0);
        assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        assertThat(readings).hasValue(5);
    }

    @Test
    void progress_thatNobodyTimes_readsNoClock() {
        rig.transport.hold();
        Predictor<String, String> predictor = predictor();
        predictor.predictAsync("echoed");
        CompletableFuture<String> call = predictor.predictAsync("a");
        readings.set(0);
        rig.transport.sent(1).context().requestSent();
        rig.transport.sent(1).context().responseStarted();
        assertThat(readings).hasValue(0);
        call.cancel(true);
    }

    @Test
    void call_thatAsksForThePrediction_isTimedWithoutListeners() {
        Prediction<String> prediction = predictor().call("a", CallOptions.none());
        for (Phase phase : List.of(Phase.CALL, Phase.ENCODE, Phase.ATTEMPT, Phase.DECODE)) {
            assertThat(prediction.timings().nanos(phase)).as(phase.name()).isZero();
        }
    }

    @Test
    void answer_thatIsThereAtOnce_costsABlockingCallNoTimer() {
        Predictor<String, String> predictor = predictor();
        assertThat(predictor.predict("a")).isEqualTo("a");
        assertThat(predictor.predictAll(List.of("b", "c"))).containsExactly("b", "c");
        assertThat(timers).hasValue(0);
    }

    @Test
    void waiter_ofAnAnswerThatIsThere_leavesToo() {
        List<Runnable> later = new ArrayList<>();
        WaitingExecutor here = new WaitingExecutor(later::add);
        assertThat(DefaultPredictor.await(CompletableFuture.completedFuture("a"), here))
                .isEqualTo("a");
        Runnable task = () -> {};
        here.execute(task);
        assertThat(later).containsExactly(task);
    }
}
