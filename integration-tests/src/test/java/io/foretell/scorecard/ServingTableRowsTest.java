package io.foretell.scorecard;

import static io.foretell.testing.NetworkFault.reset;

import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import io.foretell.testing.TensorFlowServingSandbox;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each row of TensorFlow Serving's error table costs through a whole predictor, counted by the server. */
@Tag("scorecard")
@Timeout(300)
class ServingTableRowsTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final TensorFlowServingSandbox SANDBOX = TensorFlowServingSandbox.builder()
            .model("echo", 1, new EchoModel(DType.FLOAT32))
            .start();

    private final TableCases cases = new TableCases(SANDBOX::requestCount);

    @AfterAll
    static void close() {
        SANDBOX.close();
    }

    @Test
    void statuses_areRetriedAsTheTableSays() throws Exception {
        Scorecard.row("A12", "each status of TensorFlow Serving's table", row -> {
            row.inject("sandbox");
            status("UNAVAILABLE", "OVERLOADED 3");
            status("DEADLINE_EXCEEDED", "TIMEOUT 2");
            status("RESOURCE_EXHAUSTED", "THROTTLED 3");
            status("NOT_FOUND", "NOT_FOUND 1");
            status("INVALID_ARGUMENT", "INVALID_REQUEST 1");
            status("FAILED_PRECONDITION", "INVALID_REQUEST 1");
            status("OUT_OF_RANGE", "INVALID_REQUEST 1");
            status("INTERNAL", "MODEL_FAULT 1");
            status("UNKNOWN", "MODEL_FAULT 1");
            status("DATA_LOSS", "MODEL_FAULT 1");
            status("ABORTED", "SERVER_FAULT 2");
            status("UNIMPLEMENTED", "INVALID_REQUEST 1");
            status("UNAUTHENTICATED", "AUTH_EXPIRED 1");
            status("PERMISSION_DENIED", "AUTH 1");
            status("CANCELLED", "CONNECTION_LOST 2");
            cases.report(row, "gRPC's retries");
        });
    }

    private void status(String code, String expected) {
        SANDBOX.play(FaultPlan.always(Fault.status(code, "what happened")));
        cases.expect(code, expected, transport(SANDBOX.target()).build());
        theirs(code, SANDBOX.target());
    }

    private static TensorFlowServing.Builder transport(String target) {
        return TensorFlowServing.to(target).model("echo").allowPlaintext();
    }

    private void theirs(String name, String target) {
        long before = SANDBOX.requestCount();
        try (Anchor anchor = new GrpcAnchor(target, "echo", TableCases.INPUT, Scorecard.GUARD)) {
            anchor.call().handle((answer, error) -> answer).join();
        }
        cases.theirs(name, SANDBOX.requestCount() - before);
    }

    @Test
    void unanswered_isRetriedAsTheTableSays() throws Exception {
        Scorecard.row("A12", "each way to get no answer, TensorFlow Serving", row -> {
            row.inject("proxy");
            try (FaultProxy proxy = FaultProxy.to("127.0.0.1", port(SANDBOX.target()))) {
                lost(proxy);
                proxy.refuse();
                cases.expect(
                        "refused",
                        "CONNECT 4 (1 free), 0 arrived",
                        transport(proxy.target()).build());
            }
            clientsOwn();
            timeouts();
            cases.report(row, "gRPC's retries");
        });
    }

    private static int port(String target) {
        return Integer.parseInt(target.substring(target.indexOf(':') + 1));
    }

    /** All requests of a connection are lost with it: each is reset as soon as it has arrived. */
    private void lost(FaultProxy proxy) {
        SANDBOX.play(request -> {
            proxy.onOpen(reset());
            return Fault.silence();
        });
        cases.expect(
                "reset before the answer",
                "CONNECTION_LOST 3",
                transport(proxy.target()).build());
        theirs("reset before the answer", proxy.target());
        SANDBOX.play(FaultPlan.none());
    }

    private void clientsOwn() {
        cases.expect(
                "answer too large",
                "PAYLOAD_TOO_LARGE 1",
                transport(SANDBOX.target()).maxResponseBytes(100).build());
    }

    private void timeouts() {
        SANDBOX.play(FaultPlan.always(Fault.silence()));
        cases.expect(
                "attempt timeout",
                "TIMEOUT 2",
                transport(SANDBOX.target()).build(),
                builder -> builder.attemptTimeout(SHORT).timeout(Scorecard.GUARD));
        cases.expect("deadline", "DEADLINE 1", transport(SANDBOX.target()).build(), builder -> builder.timeout(SHORT));
        SANDBOX.play(FaultPlan.none());
    }
}
