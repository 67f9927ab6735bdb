package io.foretell.scorecard;

import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.List;

/** TensorFlow Serving's sandbox. */
final class GrpcTarget implements Target {
    private final TensorFlowServingSandbox sandbox = TensorFlowServingSandbox.builder()
            .model("echo", 1, new EchoModel(DType.FLOAT32))
            .start();

    private volatile long forgotten;

    @Override
    public String address() {
        return sandbox.target();
    }

    @Override
    public Transport transport(String address) {
        return TensorFlowServing.to(address).model("echo").allowPlaintext().build();
    }

    @Override
    public Target forget() {
        forgotten = sandbox.requestCount();
        return this;
    }

    @Override
    public long requests() {
        return sandbox.requestCount() - forgotten;
    }

    @Override
    public long abandoned() {
        return sandbox.cancelledCount();
    }

    @Override
    public void play(FaultPlan plan) {
        sandbox.play(plan);
    }

    @Override
    public Fault unavailable() {
        return Fault.status("UNAVAILABLE", "busy");
    }

    @Override
    public Fault throttled() {
        return Fault.status("RESOURCE_EXHAUSTED", "slow down");
    }

    @Override
    public Fault broken() {
        return Fault.status("INTERNAL", "the model failed");
    }

    @Override
    public List<Anchor> anchors(Duration deadline) {
        return List.of(new GrpcAnchor(sandbox.target(), "echo", INPUT, deadline));
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
