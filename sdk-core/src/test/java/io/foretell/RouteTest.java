package io.foretell;

import static io.foretell.error.ErrorCategory.OVERLOADED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.policy.BreakerPolicy;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Route;
import io.foretell.transport.Transport;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several endpoints: in order, or by weight. */
class RouteTest {
    private static final BreakerPolicy TOUCHY = BreakerPolicy.builder()
            .window(1)
            .minSeen(1)
            .openFor(Duration.ofSeconds(5))
            .build();

    private final Rig rig = new Rig();
    private final FakeTransport standby = new FakeTransport("standby");

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private static FakeTransport echoing(FakeTransport transport) {
        return transport.answer(request -> InferenceResponse.of(request.payload()));
    }

    private Predictor<String, String> failover() {
        return rig.build(
                rig.retrying().route(Route.failover(rig.transport, standby)).breaker(TOUCHY));
    }

    @Test
    void failover_retriesElsewhereAndThenPrefersWhatWorks() {
        rig.transport.fail(() -> Rig.failure(OVERLOADED));
        echoing(standby);
        Predictor<String, String> predictor = failover();
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.advanceMillis(50);
        assertThat(call).isCompletedWithValue("a");
        assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        assertThat(rig.transport.sends()).isEqualTo(1);
        assertThat(standby.sends()).isEqualTo(2);
    }

    @Test
    void failover_isTimedByWhereItGoes() {
        Predictor<String, String> predictor = rig.build(rig.retrying().route(Route.failover(rig.transport, standby)));
        rig.know(predictor, 100, 200);
        CompletableFuture<String> call =
                predictor.predictAsync("a", CallOptions.none().withTimeout(Duration.ofMillis(300)));
        rig.advanceMillis(150);
        rig.fail(100, Rig.failure(ErrorCategory.OVERLOADED)); // the first would take longer than is left
        rig.advanceMillis(50);
        assertThat(standby.sends()).isEqualTo(1);
        call.cancel(true);
    }

    @Test
    void deadline_ofACall_namesTheEndpointItLastWasAt() {
        Predictor<String, String> predictor = failover();
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.fail(0, Rig.failure(ErrorCategory.CONNECT));
        rig.clock.advance(Rig.TIMEOUT);
        assertThat(Rig.errorOf(call).category()).isEqualTo(ErrorCategory.DEADLINE);
        assertThat(Rig.errorOf(call).endpoint()).isEqualTo("standby");
    }

    @Test
    void failover_comesBackWhenTheFirstIsWell() {
        rig.transport.fail(() -> Rig.failure(OVERLOADED));
        rig.echo();
        echoing(standby);
        Predictor<String, String> predictor = failover();
        predictor.predictAsync("a");
        rig.advanceMillis(5_001);
        assertThat(predictor.predictAsync("b")).isCompletedWithValue("b");
        assertThat(rig.transport.sends()).isEqualTo(2);
        assertThat(standby.sends()).isEqualTo(1);
        rig.clock.advance(BreakerPolicy.defaults().halfOpenFor());
    }

    @Test
    void close_ofATransportThatThrows_closesTheOthersAllTheSame() {
        FakeTransport other = new FakeTransport();
        Transport broken = (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        throw new IllegalStateException("not closed");
                    }
                    return method.invoke(rig.transport, arguments);
                });
        Predictor<String, String> predictor = rig.build(rig.builder().route(Route.failover(broken, other)));
        assertThatThrownBy(predictor::close).hasMessage("not closed");
        assertThat(other.closes()).isEqualTo(1);
    }

    @Test
    void failover_withAllBreakersOpen_isRefusedUnsent() {
        rig.transport.fail(() -> Rig.failure(OVERLOADED));
        standby.fail(() -> Rig.failure(OVERLOADED));
        Predictor<String, String> predictor = failover();
        CompletableFuture<String> tried = predictor.predictAsync("a");
        rig.advanceMillis(150);
        assertThat(Rig.errorOf(tried).category()).isEqualTo(OVERLOADED);
        assertThat(Rig.errorOf(tried).attempts()).isEqualTo(2);
        InferenceException refused = Rig.errorOf(predictor.predictAsync("b"));
        assertThat(refused.category()).isEqualTo(ErrorCategory.LOCAL_REJECTED);
        assertThat(refused.attempts()).isZero();
        assertThat(refused).hasMessageContaining("the breakers of all 2 endpoints");
        assertThat(rig.transport.sends() + standby.sends()).isEqualTo(2);
    }

    @Test
    void split_drawsByWeight() {
        rig.echo();
        echoing(standby);
        Predictor<String, String> predictor =
                rig.build(rig.retrying().route(Route.split(rig.transport, 90).and(standby, 10)));
        for (int i = 0; i < 1_000; i++) {
            assertThat(predictor.predictAsync("a")).isCompletedWithValue("a");
        }
        assertThat(rig.transport.sends() + standby.sends()).isEqualTo(1_000);
        assertThat(standby.sends()).isBetween(60, 140); // four times the standard deviation; the seed is fixed
    }

    @Test
    void split_retriesStayOnTheArm() {
        rig.transport.fail(() -> Rig.failure(OVERLOADED));
        echoing(standby);
        Predictor<String, String> predictor =
                rig.build(rig.retrying().route(Route.split(rig.transport, 1e9).and(standby, 1e-9)));
        CompletableFuture<String> call = predictor.predictAsync("a");
        rig.advanceMillis(150);
        assertThat(Rig.errorOf(call).attempts()).isEqualTo(3);
        assertThat(rig.transport.sends()).isEqualTo(3);
        assertThat(standby.sends()).isZero();
    }
}
