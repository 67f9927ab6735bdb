package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that ends its connections by age, as behind most load balancers, while calls go on. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionAgeTest {
    private static final int CALLERS = 8;
    private static final int CONNECTIONS = 2;

    private final CountDownLatch ended = new CountDownLatch(CONNECTIONS);

    @Test
    void connections_endedByAgeUnderLoad_loseNoCallAndRunNoneTwice() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (LoopbackServer server = new LoopbackServer(this::shortLived);
                TensorFlowServing transport = Calls.plaintext(server.target()).build()) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                counts.add(callers.submit(() -> callWhileConnectionsEnd(transport)));
            }
            int answered = 0;
            for (Future<Integer> count : counts) {
                answered += count.get();
            }

            assertThat(server.calls()).isEqualTo(answered);
        } finally {
            callers.shutdownNow();
        }
    }

    private void shortLived(NettyServerBuilder builder) {
        builder.maxConnectionAge(1, TimeUnit.SECONDS)
                .maxConnectionAgeGrace(10, TimeUnit.SECONDS)
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public void transportTerminated(Attributes attributes) {
                        ended.countDown();
                    }
                });
    }

    private int callWhileConnectionsEnd(TensorFlowServing transport) {
        int answered = 0;
        while (ended.getCount() > 0) {
            if (!answers(transport)) {
                assertThat(answers(transport)).isTrue(); // the one free retry
            }
            answered++;
        }
        return answered;
    }

    /** Whether the call was answered; else it must be one that never ran. */
    private static boolean answers(TensorFlowServing transport) {
        return Calls.send(transport)
                .handle((response, fault) -> {
                    if (fault != null) {
                        InferenceException refused = (InferenceException) fault;
                        assertThat(refused.category()).isIn(ErrorCategory.CONNECT, ErrorCategory.CONNECTION_LOST);
                        assertThat(refused.retrySafety()).isEqualTo(RetrySafety.SAFE);
                    }
                    return fault == null;
                })
                .join();
    }
}
