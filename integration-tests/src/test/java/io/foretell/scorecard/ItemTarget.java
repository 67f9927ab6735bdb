package io.foretell.scorecard;

import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;

/** A sandbox that serves items, the same to a row whichever protocol it speaks. */
interface ItemTarget extends AutoCloseable {
    /** More than any row sends. */
    int NO_LIMIT = 64 << 20;

    /** Starts one. */
    static ItemTarget start(Target.Protocol protocol, ItemServer server) {
        return start(protocol, server, NO_LIMIT);
    }

    /** Starts one that refuses requests of more bytes. */
    static ItemTarget start(Target.Protocol protocol, ItemServer server, int maxRequestBytes) {
        return protocol == Target.Protocol.HTTP ? new Http(server, maxRequestBytes) : new Grpc(server, maxRequestBytes);
    }

    /** A new transport to it. */
    Transport transport();

    /** How many requests have arrived, refused ones included, but for those that gRPC drops as too large. */
    long requests();

    @Override
    void close();

    /** SageMaker's. */
    final class Http implements ItemTarget {
        private final SageMakerSandbox sandbox;

        private Http(ItemServer server, int maxRequestBytes) {
            sandbox = SageMakerSandbox.builder()
                    .endpoint("items", server)
                    .maxRequestBytes(maxRequestBytes)
                    .plaintext()
                    .start();
        }

        @Override
        public Transport transport() {
            return sandbox.transport("items")
                    .tensors(TensorFormats.tfServingJson().output(ItemCodec.OUTPUT, DType.STRING))
                    .build();
        }

        @Override
        public long requests() {
            return sandbox.requestCount();
        }

        @Override
        public void close() {
            sandbox.close();
        }
    }

    /** TensorFlow Serving's. */
    final class Grpc implements ItemTarget {
        private final TensorFlowServingSandbox sandbox;

        private Grpc(ItemServer server, int maxRequestBytes) {
            sandbox = TensorFlowServingSandbox.builder()
                    .model("items", 1, server)
                    .maxMessageBytes(maxRequestBytes)
                    .start();
        }

        /** Where it listens. */
        String address() {
            return sandbox.target();
        }

        static Transport transport(String address) {
            return TensorFlowServing.to(address).model("items").allowPlaintext().build();
        }

        @Override
        public Transport transport() {
            return transport(address());
        }

        @Override
        public long requests() {
            return sandbox.requestCount();
        }

        @Override
        public void close() {
            sandbox.close();
        }
    }
}
