package io.foretell.samples.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.Predictor;
import io.foretell.error.InferenceException;
import io.foretell.error.RejectedException;
import io.foretell.event.CallListener;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.samples.resilience.Resilience.Payment;
import io.foretell.samples.resilience.Resilience.Risk;
import io.foretell.testing.SageMakerSandbox;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ResilienceTest {
    private static final int CALLS = 100;
    private static final int PER_SECOND = 100;

    private final LatencyRecorder recorder = new LatencyRecorder();
    private final List<Scene> scenes = Scene.all(CALLS);

    @Test
    void allScenes_inAShortForm_everyCallEndsWithinTheBudget() throws InterruptedException {
        long begin = System.nanoTime();
        try (SageMakerSandbox endpoint = Resilience.endpoint()) {
            try (Predictor<Payment, Risk> predictor = predictor(endpoint)) {
                predictor.predict(Resilience.PAYMENT);
                for (Scene scene : scenes) {
                    endpoint.play(scene.plan());
                    Load.run(predictor, Resilience.PAYMENT, scene.calls(), PER_SECOND);
                }
            }
            LatencySnapshot all = recorder.snapshot();
            assertThat(all.calls()).isEqualTo((long) scenes.size() * CALLS + 1);
            assertThat(all.cancelled()).isZero();
            assertThat(endpoint.requestCount()).isLessThanOrEqualTo(all.attempts()); // none that is not told
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;
            assertThat(all.retries()).isPositive().isLessThanOrEqualTo(budget(all.successes(), seconds));
        }
    }

    /** What the defaults allow: 100 to begin with, 20 % of the successes, and 10 in a second. */
    private static long budget(long successes, long seconds) {
        return 100 + successes / 5 + 10 * seconds;
    }

    @Test
    void breaker_endpointDownAndBack_refusesAndLetsInAgain() {
        try (SageMakerSandbox endpoint = Resilience.endpoint()) {
            try (Predictor<Payment, Risk> predictor = predictor(endpoint)) {
                endpoint.play(scene("down").plan());
                while (!isRefused(predictor)) {
                    assertThat(recorder.snapshot().successes()).isZero();
                }
                assertThat(endpoint.requestCount()).isGreaterThanOrEqualTo(50); // the breaker judges by no fewer

                endpoint.play(scene("recovering").plan());
                while (isRefused(predictor)) {
                    Thread.onSpinWait(); // until it has been open for long enough
                }
            }
            assertThat(recorder.snapshot().rejected()).isPositive();
            assertThat(recorder.snapshot().successes()).isEqualTo(1);
            assertThat(recorder.snapshot().attempts()).isEqualTo(endpoint.requestCount()); // none of what was refused
        }
    }

    private static boolean isRefused(Predictor<Payment, Risk> predictor) {
        try {
            predictor.predict(Resilience.PAYMENT);
            return false;
        } catch (RejectedException refused) {
            return true;
        } catch (InferenceException failed) {
            return false;
        }
    }

    private Scene scene(String name) {
        return scenes.stream()
                .filter(scene -> scene.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Predictor<Payment, Risk> predictor(SageMakerSandbox endpoint) {
        return Resilience.predictor(endpoint, Duration.ofMillis(300), recorder, new CallListener() {});
    }
}
