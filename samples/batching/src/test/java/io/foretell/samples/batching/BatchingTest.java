package io.foretell.samples.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.BatchSnapshot;
import io.foretell.Predictor;
import io.foretell.error.InvalidRequestException;
import io.foretell.event.BatchEvent;
import io.foretell.event.BatchEvent.Reason;
import io.foretell.event.CallListener;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.batching.ChoosingSettings.Choice;
import io.foretell.samples.batching.WearModel.Reading;
import io.foretell.samples.batching.WearModel.Wear;
import io.foretell.testing.TensorFlowServingSandbox;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchingTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private final TensorFlowServingSandbox server = Batching.server();
    private final Queue<BatchEvent> left = new ConcurrentLinkedQueue<>();
    private final CallListener listener = new CallListener() {
        @Override
        public void batchLeft(BatchEvent event) {
            left.add(event);
        }
    };

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void allAnswers_inAShortForm_arePrinted() throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream console = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            AcrossThreads.run(server, SHORT);
            ChoosingSettings.run(server, SHORT);
            OneBadInput.run(server);
        } finally {
            System.setOut(console);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("    256 | ")
                .containsPattern("no batching +\\| .* 1\\.0")
                .contains("size 64, slots 2, linger 10 ms | ")
                .containsPattern("as it comes +\\| +63 +1 +13")
                .containsPattern("maxBisections\\(0\\) +\\| +0 +64 +1");
    }

    @Test
    void oneThread_withBatching_goesAloneWithoutWaiting() throws InterruptedException {
        try (Predictor<Reading, Wear> predictor = Batching.predictor(server, BatchPolicy.ofSize(64), listener)) {
            Load.ofThreads(1, SHORT).run(predictor);
        }
        assertThat(left).isNotEmpty().allSatisfy(batch -> {
            assertThat(batch.items()).isEqualTo(1);
            assertThat(batch.reason()).isEqualTo(Reason.SLOT);
        });
    }

    @Test
    void manyThreads_withBatching_shareRequestsOfAtMostItsSize() throws InterruptedException {
        BatchSnapshot batches;
        try (Predictor<Reading, Wear> predictor = Batching.predictor(server, BatchPolicy.ofSize(8), listener)) {
            Load.ofThreads(32, SHORT).run(predictor);
            batches = predictor.batches();
        }
        assertThat(left).hasSize((int) batches.batches()).allMatch(batch -> batch.items() <= 8);
        assertThat(batches.batches()).isEqualTo(server.requestCount()).isLessThan(batches.items());
    }

    @Test
    void choices_ofEveryKind_loseNoCall() throws InterruptedException {
        List<Choice> choices = new ArrayList<>(ChoosingSettings.FOR_MANY_CALLS);
        choices.addAll(ChoosingSettings.FOR_FEW_CALLS);
        for (Choice choice : choices) {
            LatencySnapshot times = ChoosingSettings.measure(server, choice.policy(), Load.ofRate(500, SHORT))
                    .times();
            assertThat(times.successes()).as(choice.name()).isEqualTo(50);
            assertThat(times.requests())
                    .as(choice.name())
                    .isLessThanOrEqualTo(50)
                    .matches(requests -> choice.policy().enabled() || requests == 50);
        }
    }

    @Test
    void badInput_amongMany_failsAlone() {
        List<Reading> readings = OneBadInput.readings();
        List<CompletableFuture<Wear>> results = OneBadInput.call(server, OneBadInput.ONE_BATCH);
        for (int i = 0; i < readings.size(); i++) {
            if (Float.isNaN(readings.get(i).celsius())) {
                assertThat(results.get(i))
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .withCauseInstanceOf(InvalidRequestException.class);
            } else {
                assertThat(results.get(i)).isCompletedWithValue(WearModel.wear(readings.get(i)));
            }
        }
        assertThat(server.requestCount()).isBetween(2L, 13L); // 1 + 2 * log2(64)
    }

    @Test
    void badInput_notSearchedFor_failsItsBatch() {
        BatchPolicy undivided =
                OneBadInput.ONE_BATCH.toBuilder().maxBisections(0).build();
        Stream<CompletableFuture<Wear>> results = OneBadInput.call(server, undivided).stream();
        assertThat(results).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(server.requestCount()).isEqualTo(1);
    }
}
