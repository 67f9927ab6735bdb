package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.delay;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.EchoModel;
import io.foretell.testing.FaultProxy;
import io.foretell.testing.SageMakerSandbox;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.core.SdkGlobalTime;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** Signatures that a service refuses although their owner may: the keys have changed, or the clock is wrong. */
@Tag("scorecard")
@Timeout(300)
class IdentityRowsTest {
    private static final String BODY = "{\"inputs\":{\"x\":[1,2,3]}}";

    /** Between signing and arrival, so that many requests are under way while the keys change. */
    private static final Duration AWAY = Duration.ofMillis(100);

    private static final int PER_SECOND = Scorecard.quick(100, 500);
    private static final Duration LOAD = Scorecard.quick(Duration.ofSeconds(2), Duration.ofSeconds(30));

    private static final int CALLS = 20;

    private final SdkAsyncHttpClient http =
            NettyNioAsyncHttpClient.builder().maxConcurrency(1_000).build();

    @AfterEach
    void close() {
        http.close();
        SdkGlobalTime.setGlobalTimeOffset(0); // which the SDK keeps for the whole JVM
    }

    private static SageMakerSandbox.Builder sandbox() {
        return SageMakerSandbox.builder()
                .endpoint("echo", new EchoModel(DType.FLOAT32))
                .plaintext();
    }

    private static AwsCredentials keys(SageMakerSandbox sandbox) {
        return AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey());
    }

    private SageMaker.Builder transport(SageMakerSandbox sandbox) {
        return sandbox.transport("echo")
                .httpClient(http)
                .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32));
    }

    @Test
    void keys_thatChangeMidRun_costOneMoreAttempt() throws Exception {
        Scorecard.row("A14", "keys change mid-run, the old ones expire at once", row -> {
            row.inject("sandbox, proxy");
            try (SageMakerSandbox sandbox = sandbox().start();
                    FaultProxy proxy = FaultProxy.to("127.0.0.1", sandbox.uri().getPort())) {
                proxy.onNew(delay(AWAY).toServer());
                ours(row, sandbox, URI.create("http://" + proxy.target()));
                row.anchor("AWS SDK", "fails, attempts: " + theirs(sandbox));
            }
        });
    }

    private void ours(Row row, SageMakerSandbox sandbox, URI address) {
        OpenLoad load = OpenLoad.of(PER_SECOND, LOAD);
        Ledger ledger = new Ledger(load.calls());
        LongAdder expired = new LongAdder();
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(TensorCodecs.tensors())
                .transport(transport(sandbox)
                        .endpointOverride(address)
                        .credentials(() -> keys(sandbox))
                        .build())
                .listener(ledger.listener())
                .listener(counting(expired))
                .build()) {
            int change = load.callAt(LOAD.dividedBy(2));
            load.run(ledger, call -> {
                if (call == change) {
                    sandbox.rotate("AKIASECOND", "not-a-secret");
                }
                return predictor.predictAsync(Target.INPUT);
            });
            ledger.balance(row, sandbox::requestCount);
        }
        row.atLeast("calls affected", 1, expired.sum());
        row.exactly("extra attempts", expired.sum(), ledger.attempts() - ledger.calls());
        row.atMost("attempts of a call", 2, ledger.mostAttempts());
        row.atLeast("success %", 99.9, 100.0 * ledger.count(Outcome.SUCCESS) / ledger.calls());
        load.report(row);
    }

    private static CallListener counting(LongAdder expired) {
        return new CallListener() {
            @Override
            public void attemptEnded(CallEvent event) {
                if (event.error() instanceof InferenceException e && e.category() == ErrorCategory.AUTH_EXPIRED) {
                    expired.increment();
                }
            }
        };
    }

    /** The keys change after one call was signed. */
    private long theirs(SageMakerSandbox sandbox) {
        AwsCredentials old = keys(sandbox);
        sandbox.rotate("AKIATHIRD", "not-a-secret");
        AtomicInteger asked = new AtomicInteger();
        return new AwsAttempts(() -> asked.getAndIncrement() == 0 ? old : keys(sandbox), http, BODY).of(sandbox.uri());
    }

    @ParameterizedTest
    @ValueSource(ints = {-10, 10})
    void clock_thatIsWrong_costsOneMoreAttemptInAll(int minutes) throws Exception {
        Scorecard.row("A15", "the client's clock is off by %d min".formatted(-minutes), row -> {
            row.inject("sandbox");
            Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes));
            try (SageMakerSandbox sandbox = sandbox().clock(clock).start()) {
                Ledger ledger = new Ledger(CALLS);
                try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(
                                TensorCodecs.tensors())
                        .transport(transport(sandbox).build())
                        .listener(ledger.listener())
                        .build()) {
                    answered(ledger, 0, predictor);
                    row.exactly("requests of the first call", 2, sandbox.requestCount());
                    for (int call = 1; call < CALLS; call++) {
                        answered(ledger, call, predictor);
                    }
                    row.exactly("requests of 19 more", CALLS - 1, sandbox.requestCount() - 2);
                    ledger.balance(row, sandbox::requestCount);
                    row.exactly("answered", CALLS, ledger.count(Outcome.SUCCESS));
                }
                SdkGlobalTime.setGlobalTimeOffset(0);
                row.anchor(
                        "AWS SDK",
                        "attempts of one call: " + new AwsAttempts(() -> keys(sandbox), http, BODY).of(sandbox.uri()));
            }
        });
    }

    private static void answered(
            Ledger ledger, int call, Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        CompletableFuture<?> result = ledger.enter(call, predictor.predictAsync(Target.INPUT));
        result.handle((value, error) -> null).join();
    }
}
