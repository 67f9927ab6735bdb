package io.foretell.grpc;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.PredictionServiceGrpc;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Predict of TensorFlow Serving over gRPC. Takes named tensors.
 *
 * <p>Thread-safe; one instance, with one connection, serves any number of calls at a time. TLS unless told otherwise.
 * gRPC's own retries are off. At {@code FINE} gRPC's logger of {@code NettyClientHandler} prints the frames of a connection,
 * headers and the beginnings of messages included. The attribute keys of this class change the target of a single call; an
 * {@link InferenceResponse#servedBy()} is the version of the model that answered.
 */
public final class TensorFlowServing implements Transport {
    /** The model to call instead of the transport's: printable text. */
    public static final AttributeKey<String> MODEL =
            AttributeKey.of("model", String.class, name -> ModelTarget.checkName("model", name));

    /** The signature to call instead of the transport's: printable text. */
    public static final AttributeKey<String> SIGNATURE =
            AttributeKey.of("signature", String.class, name -> ModelTarget.checkName("signature", name));

    /** The version to call instead of the transport's version or label: zero or more. Not together with a label. */
    public static final AttributeKey<Long> VERSION = AttributeKey.of("version", Long.class, ModelTarget::checkVersion);

    /** The label to call instead of the transport's version or label: printable text. Not together with a version. */
    public static final AttributeKey<String> VERSION_LABEL =
            AttributeKey.of("version label", String.class, name -> ModelTarget.checkName("version label", name));

    /** Of a call declared unary gRPC never says when its message has left; on the wire the types are alike. */
    private static final MethodDescriptor<PredictRequest, PredictResponse> PREDICT =
            PredictionServiceGrpc.getPredictMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
                    .build();

    private final String endpoint;
    private final ModelTarget target;
    private final ManagedChannel channel;
    private final boolean ownChannel;
    private final CallOptions options;
    private final RequestEncoder encoder;
    private final int maxResponseBytes;
    private volatile boolean closed;

    private TensorFlowServing(Builder builder, ModelTarget target, Channels.Choice channel) {
        this.endpoint = builder.endpoint;
        this.target = target;
        this.channel = channel.channel();
        this.ownChannel = channel.own();
        this.encoder = new RequestEncoder(builder.maxRequestBytes);
        this.maxResponseBytes = builder.maxResponseBytes;
        this.options = CallOptions.DEFAULT
                .withExecutor(Runnable::run) // nothing blocks, so gRPC's event loop may run it
                .withMaxInboundMessageSize(maxResponseBytes);
    }

    /**
     * Starts a transport to an address: {@code host:port}, or any target that gRPC resolves, such as
     * {@code dns:///host:8500}.
     */
    public static Builder to(String target) {
        return new Builder(target);
    }

    @Override
    public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        String model = target.model();
        try {
            ModelTarget called = target.with(request.attributes());
            model = called.model();
            if (closed) {
                throw failure(ErrorCategory.CLOSED, "the transport is closed", model)
                        .build();
            }
            return start(encoder.encode(request.payload(), called), context, model);
        } catch (IllegalArgumentException fault) {
            return CompletableFuture.failedFuture(
                    failure(ErrorCategory.INVALID_REQUEST, String.valueOf(fault.getMessage()), model)
                            .cause(fault)
                            .build());
        } catch (InferenceException fault) {
            return CompletableFuture.failedFuture(describe(fault, model));
        }
    }

    private CompletableFuture<InferenceResponse> start(PredictRequest request, CallContext context, String model) {
        StreamProgress progress = new StreamProgress();
        CallOptions timed = options.withDeadlineAfter(context.deadline().remainingNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(progress.factory());
        return new PredictCall(this, channel.newCall(PREDICT, timed), progress, context, model).start(request);
    }

    /** Starts a failure that names what was called. */
    InferenceException.Builder failure(ErrorCategory category, String message, String model) {
        return InferenceException.of(category)
                .message(message + where(model))
                .endpoint(endpoint)
                .model(model);
    }

    /** The same failure, naming what was called. */
    InferenceException describe(InferenceException fault, String model) {
        return fault.endpoint() != null
                ? fault
                : fault.toBuilder()
                        .message(fault.getMessage() + where(model))
                        .endpoint(endpoint)
                        .model(model)
                        .build();
    }

    private String where(String model) {
        return " (" + protocol() + " " + endpoint + ", model " + model + ")";
    }

    int maxResponseBytes() {
        return maxResponseBytes;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public boolean accepts(Payload.Kind kind) {
        return kind == Payload.Kind.TENSORS;
    }

    @Override
    public long maxRequestBytes() {
        return encoder.maxBytes();
    }

    @Override
    public String protocol() {
        return "tensorflow-serving";
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public String model() {
        return target.model();
    }

    /** Lets calls in flight finish; later ones are refused. A channel of the user's own stays open. */
    @Override
    public void close() {
        closed = true;
        if (ownChannel) {
            channel.shutdown();
        }
    }

    /** The protocol, the endpoint and the model. */
    @Override
    public String toString() {
        return protocol() + " " + endpoint + ", model " + model();
    }

    /** Settings of a transport. Not thread-safe. Everything is checked in {@link #build()}. */
    public static final class Builder {
        private static final int DEFAULT_MAX_BYTES = 64 << 20;

        private final String endpoint;
        private final Channels channels;
        private @Nullable String model;
        private @Nullable Long version;
        private @Nullable String versionLabel;
        private String signature = "serving_default";
        private long maxRequestBytes = DEFAULT_MAX_BYTES;
        private int maxResponseBytes = DEFAULT_MAX_BYTES;

        private Builder(String target) {
            this.endpoint = Objects.requireNonNull(target, "target");
            this.channels = new Channels(target);
        }

        /** The model's name. Required. */
        public Builder model(String name) {
            this.model = Objects.requireNonNull(name, "model");
            return this;
        }

        /** The version to call; default: the server's latest. Not together with a label. */
        public Builder version(long version) {
            this.version = version;
            return this;
        }

        /** The label of the version to call; default: none. Not together with a version. */
        public Builder versionLabel(String label) {
            this.versionLabel = Objects.requireNonNull(label, "versionLabel");
            return this;
        }

        /** The signature to call; default: {@code serving_default}. */
        public Builder signature(String name) {
            this.signature = Objects.requireNonNull(name, "signature");
            return this;
        }

        /** Sends without TLS, readable for anyone on the way; default: TLS. */
        public Builder allowPlaintext() {
            channels.allowPlaintext();
            return this;
        }

        /**
         * The certificates to trust, as PEM; default: those of the JDK.
         *
         * @throws java.io.UncheckedIOException if the file cannot be read
         */
        public Builder trustCertificates(Path pem) {
            channels.trust(pem);
            return this;
        }

        /**
         * The certificates to trust, as PEM; default: those of the JDK. The stream is read to its end and left open.
         *
         * @throws java.io.UncheckedIOException if the stream cannot be read
         */
        public Builder trustCertificates(InputStream pem) {
            channels.trust(pem);
            return this;
        }

        /**
         * A channel of the user's own, whose security, retries and life are the user's too; the target is then only its
         * name in errors. Default: one that this transport opens and closes.
         */
        public Builder channel(ManagedChannel channel) {
            channels.use(channel);
            return this;
        }

        /** The largest request to send, in bytes, at most 2 GiB - 1; default: 64 MiB. */
        public Builder maxRequestBytes(long bytes) {
            this.maxRequestBytes = bytes;
            return this;
        }

        /** The largest response to read, in bytes, on the wire and in memory; default: 64 MiB. */
        public Builder maxResponseBytes(int bytes) {
            this.maxResponseBytes = bytes;
            return this;
        }

        /**
         * The transport. It connects with the first call.
         *
         * @throws IllegalArgumentException if a setting is missing or out of range, or two exclude each other
         */
        public TensorFlowServing build() {
            if (model == null) {
                throw new IllegalArgumentException("model is missing");
            }
            if (maxRequestBytes < 1 || maxRequestBytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("maxRequestBytes not in 1 to 2147483647: " + maxRequestBytes);
            }
            if (maxResponseBytes < 1) {
                throw new IllegalArgumentException("maxResponseBytes < 1: " + maxResponseBytes);
            }
            ModelTarget target = new ModelTarget(model, version, versionLabel, signature);
            return new TensorFlowServing(this, target, channels.choose());
        }
    }
}
