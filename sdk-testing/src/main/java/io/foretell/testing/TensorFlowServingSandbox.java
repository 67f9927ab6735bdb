package io.foretell.testing;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TensorFlow Serving gRPC server within the JVM, on loopback and a free port, for tests: Predict, GetModelMetadata and
 * GetModelStatus for {@link Model}s, with versions, labels and signatures, TensorFlow Serving's error codes and wording,
 * and faults on demand. No account, no Docker.
 *
 * <pre>{@code
 * try (var server = TensorFlowServingSandbox.builder().model("iris", 1, model).start()) {
 *     var transport = TensorFlowServing.to(server.target()).allowPlaintext().model("iris").build();
 *     server.play(Fault.status("UNAVAILABLE", "restarting").times(2));
 *     ...
 * }
 * }</pre>
 *
 * <p>Thread-safe. Models run on threads of the sandbox's own, as many at once as there are calls.
 */
public final class TensorFlowServingSandbox implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final long CLOSE_SECONDS = 5;

    private final Server server;
    private final PredictionHandler predictions;
    private final ExecutorService executor;
    private final ScheduledExecutorService timer;
    private final @Nullable TestCertificates certificates;

    private TensorFlowServingSandbox(Builder builder) {
        ThreadFactory threads = runnable -> {
            Thread thread = new Thread(runnable, "tensorflow-serving-sandbox");
            thread.setDaemon(true);
            return thread;
        };
        executor = Executors.newCachedThreadPool(threads);
        timer = Executors.newSingleThreadScheduledExecutor(threads);
        certificates = builder.certificates;
        predictions = new PredictionHandler(builder.catalog, executor, timer);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(HOST, 0), builder.credentials())
                .executor(executor)
                .maxInboundMessageSize(builder.maxMessageBytes)
                .addService(predictions)
                .addService(new StatusHandler(builder.catalog))
                .build();
    }

    /** Starts a sandbox without models. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens, as a gRPC target: {@code 127.0.0.1:port}. */
    public String target() {
        return HOST + ":" + server.getPort();
    }

    /**
     * Its certificates, made for it alone; their CA is what a client has to trust.
     *
     * @throws IllegalStateException if it was started without TLS
     */
    public TestCertificates certificates() {
        if (certificates == null) {
            throw new IllegalStateException("the sandbox was started without tls()");
        }
        return certificates;
    }

    /** How many Predict calls have come, those answered with an error or a fault included. */
    public long requestCount() {
        return predictions.requests.get();
    }

    /** How many Predict calls ended unanswered because the client cancelled them, went away, or ran out of time. */
    public long cancelledCount() {
        return predictions.cancelled.get();
    }

    /**
     * Plays faults to the next Predict calls, one after the other, after those still to be played. A status is the name of
     * a gRPC code; its message is sent as it is.
     *
     * @throws IllegalArgumentException if one has an unknown status, or is for less than one call
     */
    public void play(Fault... faults) {
        for (Fault fault : faults) {
            if (fault.status() != null && Status.Code.valueOf(fault.status()) == Status.Code.OK) {
                throw new IllegalArgumentException("OK is no fault: leave the status out");
            }
        }
        for (Fault fault : faults) {
            predictions.faults.add(fault);
        }
    }

    /**
     * Plays a plan to all requests from here on for which no queued fault is left, in place of the plan before.
     *
     * <p>Like queued faults, it is asked for the Predict calls.
     */
    public void play(FaultPlan plan) {
        predictions.faults.plan(plan);
    }

    /** Ends all calls and connections at once. Closing twice does nothing. */
    @Override
    public void close() {
        server.shutdownNow();
        timer.shutdownNow();
        try {
            server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }

    /** What a sandbox serves, and how. Not thread-safe. */
    public static final class Builder {
        private final ModelCatalog catalog = new ModelCatalog();
        private @Nullable TestCertificates certificates;
        private boolean clientCertificates;
        private int maxMessageBytes = Integer.MAX_VALUE;

        private Builder() {}

        /** Serves a version of a model under the signature {@code serving_default}. The highest version is the default. */
        public Builder model(String name, long version, Model model) {
            return model(name, version, ModelCatalog.DEFAULT_SIGNATURE, model);
        }

        /**
         * Serves a signature of a version of a model. The highest version is the default.
         *
         * @throws IllegalArgumentException if that signature is served already
         */
        public Builder model(String name, long version, String signature, Model model) {
            catalog.add(name, version, signature, Objects.requireNonNull(model, "model"));
            return this;
        }

        /**
         * Gives a version a label.
         *
         * @throws IllegalArgumentException if no model was added under that name and version
         */
        public Builder label(String name, String label, long version) {
            catalog.label(name, label, version);
            return this;
        }

        /** Serves over TLS, with fresh certificates; default plaintext. */
        public Builder tls() {
            certificates = TestCertificates.create();
            return this;
        }

        /** Like {@link #tls()}, and the client must present a certificate of the same CA's. */
        public Builder mutualTls() {
            clientCertificates = true;
            return tls();
        }

        /**
         * The largest request taken, in bytes; default, as of TensorFlow Serving, no limit. gRPC answers a larger one with
         * RESOURCE_EXHAUSTED.
         */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        private ServerCredentials credentials() {
            if (certificates == null) {
                return InsecureServerCredentials.create();
            }
            try {
                TlsServerCredentials.Builder tls = TlsServerCredentials.newBuilder()
                        .keyManager(certificates.chainStream(), certificates.keyStream());
                if (clientCertificates) {
                    tls.trustManager(certificates.caStream()).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
                }
                return tls.build();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot use the certificates", e);
            }
        }

        /** Starts the server; it is ready when this returns. */
        public TensorFlowServingSandbox start() {
            TensorFlowServingSandbox sandbox = new TensorFlowServingSandbox(this);
            try {
                sandbox.server.start();
                return sandbox;
            } catch (IOException e) {
                sandbox.close();
                throw new UncheckedIOException("cannot listen on " + HOST, e);
            }
        }
    }
}
