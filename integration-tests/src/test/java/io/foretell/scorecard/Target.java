package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Fault;
import io.foretell.testing.FaultPlan;
import io.foretell.testing.FaultProxy;
import io.foretell.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A sandbox with one model that echoes, the same to a row whichever protocol it speaks. */
public interface Target extends AutoCloseable {
    /** What every call sends. */
    Map<String, Tensor> INPUT = Map.of("x", Tensor.of(new float[] {1, 2, 3}));

    /** The protocols a row is run over. */
    enum Protocol {
        /** SageMaker's sandbox, without TLS: a handshake costs more than all the rest of a call. */
        HTTP,
        /** TensorFlow Serving's sandbox. */
        GRPC;

        private static final int WARM_UP = 200;

        /** A target of its own for a row, after some calls: what a JVM does for the first time would be measured too. */
        Target start() {
            Target target = this == HTTP ? new HttpTarget() : new GrpcTarget();
            try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = Predictor.builder(
                            TensorCodecs.tensors())
                    .transport(target.transport())
                    .build()) {
                IntStream.range(0, WARM_UP).forEach(call -> predictor.predict(INPUT));
            }
            return target.forget();
        }
    }

    /** Where it listens: host and port. */
    String address();

    /** A proxy to it, with this seed. */
    default FaultProxy proxy(long seed) {
        String[] parts = address().split(":");
        return FaultProxy.to(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), seed);
    }

    /** A new transport to it by way of another address, such as a proxy's. */
    Transport transport(String address);

    /** A new transport to it. */
    default Transport transport() {
        return transport(address());
    }

    /** A predictor to be built, with the transport and the ledger's listener. */
    default PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> predictor(Ledger ledger) {
        return Predictor.builder(TensorCodecs.tensors()).transport(transport()).listener(ledger.listener());
    }

    /** Counts requests from here on. */
    Target forget();

    /** How many requests have arrived. */
    long requests();

    /** How many of them were given up by the client before they were answered. */
    long abandoned();

    /** What it does from now on. */
    void play(FaultPlan plan);

    /** The server sheds load: 503 or UNAVAILABLE. */
    Fault unavailable();

    /** A quota is used up: 429 or RESOURCE_EXHAUSTED. */
    Fault throttled();

    /** The model fails. */
    Fault broken();

    /** What a user has instead, with this deadline where it has one. To be closed by the caller. */
    List<Anchor> anchors(Duration deadline);

    @Override
    void close();
}
