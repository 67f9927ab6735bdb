package io.foretell.samples.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.CallOptions;
import io.foretell.Prediction;
import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.http.JsonCodecs;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.HedgingPolicy;
import io.foretell.policy.LimitPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.samples.resilience.Resilience.Payment;
import io.foretell.samples.resilience.Resilience.Risk;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Route;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The settings of the README's section on trouble. */
class SettingsTest {
    private final FakeTransport blue = fake();
    private final FakeTransport green = fake();

    private static FakeTransport fake() {
        Payload risk = Payload.Bytes.of("application/json", "{\"score\": 0.02}".getBytes(StandardCharsets.UTF_8));
        return new FakeTransport().answer(request -> InferenceResponse.of(risk));
    }

    private static PredictorBuilder<Payment, Risk> builder() {
        return Predictor.builder(JsonCodecs.of(Payment.class, Risk.class));
    }

    @Test
    void settings_ofEveryKind_areWhatThePredictorSays() {
        try (Predictor<Payment, Risk> predictor = builder()
                .route(Route.failover(blue, green))
                .timeout(Duration.ofSeconds(2))
                .attemptTimeout(Duration.ofMillis(500))
                .retry(RetryPolicy.builder().maxAttempts(2).build())
                .hedging(HedgingPolicy.defaults())
                .breaker(BreakerPolicy.builder()
                        .slowAfter(Duration.ofSeconds(1))
                        .openFor(Duration.ofSeconds(10))
                        .build())
                .limits(LimitPolicy.builder().adaptive(1, 200).ratePerSecond(50).build())
                .closeGrace(Duration.ofSeconds(5))
                .build()) {
            Prediction<Risk> once =
                    predictor.call(Resilience.PAYMENT, CallOptions.none().withIdempotent(false));
            assertThat(once.attempts()).isEqualTo(1);
            assertThat(predictor.toString())
                    .contains(
                            "fake nowhere or fake nowhere",
                            "timeout PT2S, attempt timeout PT0.5S",
                            "2 attempts",
                            "hedge after p95",
                            "opens for 10 s",
                            "slower than 1 s",
                            "1 to 200 in flight",
                            "50/s");
        }
    }

    @Test
    void route_splitAndShadow_areWhatThePredictorSays() {
        Route split = Route.split(blue, 90).and(green, 10);
        Route shadow = Route.to(blue).shadow(green, 0.05);
        try (Predictor<Payment, Risk> one = builder().route(split).build();
                Predictor<Payment, Risk> other = builder().route(shadow).build()) {
            assertThat(one.predict(Resilience.PAYMENT)).isEqualTo(new Risk(0.02));
            assertThat(other.predict(Resilience.PAYMENT)).isEqualTo(new Risk(0.02));
            assertThat(one.toString()).contains("90.0 of fake nowhere and 10.0 of fake nowhere");
            assertThat(other.toString()).contains("shadow 0.05 of fake nowhere");
        }
    }
}
