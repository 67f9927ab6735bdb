package io.foretell.samples.resilience;

import io.foretell.Predictor;
import io.foretell.event.CallListener;
import io.foretell.http.JsonCodecs;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * An endpoint that slows down, throttles, fails and comes back, and a predictor that is called 100 times a second
 * meanwhile. Its settings are the defaults, but that a breaker stays open for 2 s only, so that all is over in half a
 * minute.
 */
public final class Resilience {
    /** What the endpoint is asked. */
    record Payment(double amount, String country) {}

    /** What it answers. */
    record Risk(double score) {}

    static final Payment PAYMENT = new Payment(99.50, "NZ");

    private static final int CALLS_PER_SECOND = 100;
    private static final int CALLS_PER_SCENE = 500;

    private Resilience() {}

    /** Runs all scenes. */
    public static void main(String[] args) throws InterruptedException {
        LatencyRecorder total = new LatencyRecorder();
        try (SageMakerSandbox endpoint = endpoint()) {
            play(endpoint, total); // when it returns, every call has ended
            System.out.println(summary(total.snapshot(), endpoint.requestCount()));
        }
    }

    private static void play(SageMakerSandbox endpoint, LatencyRecorder total) throws InterruptedException {
        try (LiveLine live = new LiveLine();
                Predictor<Payment, Risk> predictor = predictor(endpoint, Duration.ofSeconds(2), total, live)) {
            predictor.predict(PAYMENT); // the first connects
            for (Scene scene : Scene.all(CALLS_PER_SCENE)) {
                live.scene(scene.name());
                endpoint.play(scene.plan());
                Load.run(predictor, PAYMENT, scene.calls(), CALLS_PER_SECOND);
            }
        }
    }

    private static String summary(LatencySnapshot all, long requests) {
        return all.calls() + " calls: " + all.successes() + " ok, " + all.failures() + " failed, " + all.rejected()
                + " refused here. The endpoint had " + requests + " requests, " + all.retries() + " of them retries.";
    }

    static SageMakerSandbox endpoint() {
        byte[] risk = "{\"score\": 0.02}".getBytes(StandardCharsets.UTF_8);
        return SageMakerSandbox.builder()
                .endpoint("fraud", payment -> Payload.Bytes.of("application/json", risk))
                .start();
    }

    static Predictor<Payment, Risk> predictor(
            SageMakerSandbox endpoint, Duration openFor, LatencyRecorder recorder, CallListener listener) {
        return Predictor.builder(JsonCodecs.of(Payment.class, Risk.class))
                .transport(endpoint.transport("fraud").build())
                .breaker(BreakerPolicy.builder().openFor(openFor).build())
                .listener(recorder)
                .listener(listener)
                .build();
    }
}
