package io.foretell.it.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.TensorFormats;
import io.foretell.scorecard.Scorecard;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.EchoModel;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Runs last and tells what {@link SuiteWatch} has seen; but first that it sees. */
@Tag("scorecard")
@Order(Integer.MAX_VALUE)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(120)
class SuiteWatchTest {
    @Test
    @Order(1)
    void timerThread_thatBlocks_isFound() throws Exception {
        Thread thread = new Thread(SuiteWatchTest::block, "foretell-999999-timer");
        thread.start();
        thread.join();
        List<BlockingCalls.Violation> found = BlockingCalls.forgive(thread.getName());
        // Loading a class there blocks, too, but is not what this is about.
        assertThat(found)
                .anyMatch(each ->
                        each.method().contains("park") && each.toString().contains("SuiteWatchTest.block"));
    }

    private static void block() {
        try {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    @Order(2)
    void bothNettys_bufferDropped_isFound() {
        assumeTrue(ResourceLeakDetector.getLevel() == ResourceLeakDetector.Level.PARANOID, "takes samples only");
        for (Netty netty : Netty.values()) {
            String mark = "left on purpose with " + netty;
            netty.drop(mark);
            for (int i = 0; i < 100 && netty.collected(mark) == 0; i++) {
                Thread.onSpinWait(); // a collection may take more than one asking
            }
            assertThat(Leaks.forgive(mark)).as(mark).isTrue();
        }
    }

    @Test
    @Order(3)
    void suite_noThreadThatMustNot_hasBlocked() throws Exception {
        oneCallEach();
        Scorecard.row("G2", "BlockHound through the whole suite", row -> {
            row.inject("agent");
            List<BlockingCalls.Violation> found = BlockingCalls.found();
            row.exactly("blocking calls", 0, found.size());
            BlockingCalls.watchedThreads().forEach((kind, threads) -> row.atLeast(kind + " threads", 1, threads));
            assertThat(found).isEmpty();
        });
    }

    @Test
    @Order(4)
    void suite_noBuffer_hasLeaked() throws Exception {
        oneCallEach();
        Scorecard.row("G3", "Netty's leak detection through the whole suite", row -> {
            row.inject("level " + ResourceLeakDetector.getLevel());
            for (Netty netty : Netty.values()) {
                netty.collected("");
            }
            row.exactly("leaks", 0, Leaks.records().size());
            assertThat(Leaks.records()).isEmpty();
        });
    }

    /** So that there is something to see when this class runs alone. */
    private static void oneCallEach() {
        try (SageMakerSandbox https = SageMakerSandbox.builder()
                        .endpoint("echo", new EchoModel(DType.FLOAT32))
                        .start();
                TensorFlowServingSandbox grpc = TensorFlowServingSandbox.builder()
                        .model("echo", 1, new EchoModel(DType.FLOAT32))
                        .tls()
                        .start()) {
            call(https.transport("echo").tensors(TensorFormats.tfServingJson()).build());
            call(TensorFlowServing.to(grpc.target())
                    .model("echo")
                    .trustCertificates(grpc.certificates().caStream())
                    .build());
        }
    }

    private static void call(Transport transport) {
        try (var predictor =
                Predictor.builder(TensorCodecs.tensors()).transport(transport).build()) {
            assertThat(predictor.predict(Map.of("x", Tensor.of(new float[3])))).isNotEmpty();
        }
    }
}
