package io.foretell.http;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.AttributeKey;
import io.foretell.transport.Attributes;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;

/**
 * A real-time endpoint of Amazon SageMaker, called by InvokeEndpoint over signed HTTPS. Thread-safe; share one instance.
 * Takes bytes, and with a {@link Builder#tensors tensor format} tensors as well. Each {@link #send} is at most one
 * request on the wire: the AWS SDK's own retries are off. Credentials are resolved for every request, and once more
 * where they were refused as expired: only if the provider then gives others may the failure be retried.
 *
 * <p>The attribute keys choose for one call what the builder chose for all. A value that the service would not take, or
 * that could break out of its header, is refused where it is set. The variant that answered is the answer's
 * {@link InferenceResponse#servedBy()}.
 */
public final class SageMaker implements Transport {
    /** The production variant that is to answer: at most 63 letters, digits and inner hyphens. */
    public static final AttributeKey<String> TARGET_VARIANT = key("targetVariant", SageMakerRules::name);

    /** The model of a multi-model endpoint: 1 to 1,024 printable ASCII characters. */
    public static final AttributeKey<String> TARGET_MODEL = key("targetModel", SageMakerRules::targetModel);

    /** The host name of a multi-container endpoint's container: at most 63 letters, digits and inner hyphens. */
    public static final AttributeKey<String> TARGET_CONTAINER = key("targetContainer", SageMakerRules::name);

    /** The inference component: at most 63 letters, digits and inner hyphens. */
    public static final AttributeKey<String> INFERENCE_COMPONENT = key("inferenceComponent", SageMakerRules::name);

    /** An id that data capture notes with the request: 1 to 64 printable ASCII characters. */
    public static final AttributeKey<String> INFERENCE_ID = key("inferenceId", SageMakerRules::inferenceId);

    /** Text for the container, and of an answer the text from it: at most 1,024 visible ASCII characters. */
    public static final AttributeKey<String> CUSTOM_ATTRIBUTES =
            key("customAttributes", SageMakerRules::customAttributes);

    private final String endpoint;
    private final Attributes defaults;
    private final @Nullable TensorFormat tensors;
    private final @Nullable String accept;
    private final long maxRequestBytes;
    private final SageMakerErrors errors;
    private final SageMakerConnection connection;
    private final SageMakerAnswers answers;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SageMaker(Builder builder) {
        this.endpoint = builder.endpoint;
        this.defaults = builder.defaults;
        this.tensors = builder.tensors;
        this.accept = builder.accepted();
        this.maxRequestBytes = builder.maxRequestBytes;
        this.errors = new SageMakerErrors(endpoint);
        this.connection = new SageMakerConnection(builder, errors);
        this.answers = new SageMakerAnswers(errors, connection, tensors);
    }

    /**
     * Starts the transport to an endpoint.
     *
     * @throws IllegalArgumentException if no endpoint can have this name
     */
    public static Builder endpoint(String name) {
        return new Builder(SageMakerRules.name("endpoint", name));
    }

    private static AttributeKey<String> key(String name, BinaryOperator<String> rule) {
        return AttributeKey.of(name, String.class, value -> rule.apply(name, value));
    }

    @Override
    public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        Attributes attributes = defaults.with(request.attributes());
        String model = attributes.get(TARGET_MODEL);
        try {
            if (closed.get()) {
                throw errors.about(ErrorCategory.CLOSED, "the transport is closed", model)
                        .build();
            }
            boolean asTensors = request.payload().kind() == Payload.Kind.TENSORS;
            Payload.Bytes body = body(request.payload(), model);
            Exchange exchange = new Exchange(body.content(), connection.credentials(), asTensors, model, context);
            return answers.of(connection.invoke(invocation(body, attributes, exchange)), exchange);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(errors.of(e, model));
        }
    }

    private Payload.Bytes body(Payload payload, @Nullable String model) {
        Payload.Bytes body = payload instanceof Payload.Tensors named ? written(named, model) : (Payload.Bytes) payload;
        int size = body.content().remaining();
        if (size > maxRequestBytes) {
            throw errors.about(
                            ErrorCategory.PAYLOAD_TOO_LARGE,
                            "the request has " + size + " bytes, the limit maxRequestBytes is " + maxRequestBytes
                                    + ": split it, use asynchronous inference, or raise maxRequestBytes where the"
                                    + " endpoint takes more",
                            model)
                    .build();
        }
        try {
            SageMakerRules.mediaType("media type", body.mediaType());
        } catch (IllegalArgumentException e) {
            throw errors.about(ErrorCategory.INVALID_REQUEST, String.valueOf(e.getMessage()), model)
                    .build();
        }
        return body;
    }

    private Payload.Bytes written(Payload.Tensors named, @Nullable String model) {
        TensorFormat format = format();
        try {
            return format.write(named);
        } catch (RuntimeException e) {
            throw errors.unwritten(e, model);
        }
    }

    private TensorFormat format() {
        if (tensors == null) {
            throw InferenceException.of(ErrorCategory.INVALID_REQUEST)
                    .message("tensors for SageMaker endpoint " + endpoint
                            + " need a format: set tensors(TensorFormats.tfServingJson())")
                    .build();
        }
        return tensors;
    }

    private InvokeEndpointRequest invocation(Payload.Bytes body, Attributes attributes, Exchange exchange) {
        return InvokeEndpointRequest.builder()
                .endpointName(endpoint)
                .contentType(body.mediaType())
                .accept(accept)
                .targetVariant(attributes.get(TARGET_VARIANT))
                .targetModel(attributes.get(TARGET_MODEL))
                .targetContainerHostname(attributes.get(TARGET_CONTAINER))
                .inferenceComponentName(attributes.get(INFERENCE_COMPONENT))
                .inferenceId(attributes.get(INFERENCE_ID))
                .customAttributes(attributes.get(CUSTOM_ATTRIBUTES))
                .overrideConfiguration(each ->
                        each.putExecutionAttribute(Exchange.KEY, exchange).credentialsProvider(exchange.credentials()))
                .build();
    }

    /** Bytes always, tensors where a format is set. */
    @Override
    public boolean accepts(Payload.Kind kind) {
        return kind == Payload.Kind.BYTES || tensors != null;
    }

    @Override
    public long maxRequestBytes() {
        return maxRequestBytes;
    }

    /** {@code sagemaker}. */
    @Override
    public String protocol() {
        return "sagemaker";
    }

    /** The endpoint's name. */
    @Override
    public String endpoint() {
        return endpoint;
    }

    /** The target model set at the builder; else null. */
    @Override
    public @Nullable String model() {
        return defaults.get(TARGET_MODEL);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            connection.close();
        }
    }

    /** The endpoint's name and the tensor format. */
    @Override
    public String toString() {
        return "SageMaker endpoint " + endpoint + (tensors == null ? "" : " (" + tensors + ")");
    }

    /** Settings of a {@link SageMaker}. Not thread-safe. All but the endpoint have defaults. */
    public static final class Builder {
        private static final long MAX_REQUEST_BYTES = 6_291_456;
        private static final long MAX_RESPONSE_BYTES = 64L << 20;
        private static final int MAX_CONNECTIONS = 200;

        private final String endpoint;
        private Attributes defaults = Attributes.empty();
        private @Nullable TensorFormat tensors;
        private @Nullable String accept;
        private long maxRequestBytes = MAX_REQUEST_BYTES;
        private boolean plaintext;
        long maxResponseBytes = MAX_RESPONSE_BYTES;
        int maxConnections = MAX_CONNECTIONS;

        @Nullable
        String region;

        @Nullable
        AwsCredentialsProvider credentials;

        @Nullable
        URI override;

        @Nullable
        SdkAsyncHttpClient httpClient;

        private Builder(String endpoint) {
            this.endpoint = endpoint;
        }

        /** The AWS region, such as {@code eu-west-1}. Default: from the environment, as the AWS SDK finds it. */
        public Builder region(String region) {
            this.region = SageMakerRules.name("region", region);
            return this;
        }

        /** Where credentials come from; not closed by the transport. Default: the AWS SDK's chain. */
        public Builder credentials(AwsCredentialsProvider credentials) {
            this.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /** Another address than the region's own, such as a VPC endpoint. Must be https, see {@link #allowPlaintext}. */
        public Builder endpointOverride(URI override) {
            this.override = Objects.requireNonNull(override, "endpointOverride");
            return this;
        }

        /** Lets {@link #endpointOverride} be http for hosts other than loopback: payloads can then be read on the way. */
        public Builder allowPlaintext() {
            this.plaintext = true;
            return this;
        }

        /**
         * An HTTP client of the caller's, which the transport does not close. Give it a read time-out of at least 70 s
         * for models that use up the service's 60 s. Default: an own client on Netty with 2 s to connect, 70 s to read.
         */
        public Builder httpClient(SdkAsyncHttpClient httpClient) {
            this.httpClient = Objects.requireNonNull(httpClient, "httpClient");
            return this;
        }

        /** The most connections of the transport's own HTTP client. Default: 200. */
        public Builder maxConnections(int maxConnections) {
            this.maxConnections = (int) positive("maxConnections", maxConnections);
            return this;
        }

        /** See {@link SageMaker#TARGET_VARIANT}. Default: the service chooses. */
        public Builder variant(String variant) {
            return with(TARGET_VARIANT, variant);
        }

        /** See {@link SageMaker#TARGET_MODEL}. Default: none. */
        public Builder targetModel(String model) {
            return with(TARGET_MODEL, model);
        }

        /** See {@link SageMaker#TARGET_CONTAINER}. Default: none. */
        public Builder targetContainer(String hostname) {
            return with(TARGET_CONTAINER, hostname);
        }

        /** See {@link SageMaker#INFERENCE_COMPONENT}. Default: none. */
        public Builder inferenceComponent(String component) {
            return with(INFERENCE_COMPONENT, component);
        }

        /** See {@link SageMaker#CUSTOM_ATTRIBUTES}. Default: none. */
        public Builder customAttributes(String attributes) {
            return with(CUSTOM_ATTRIBUTES, attributes);
        }

        private Builder with(AttributeKey<String> key, String value) {
            defaults = defaults.with(key, value);
            return this;
        }

        /** The media type wanted of the answer. Default: the tensor format's, or the container's choice. */
        public Builder accept(String mediaType) {
            this.accept = SageMakerRules.mediaType("accept", mediaType);
            return this;
        }

        /** Lets codecs of tensors be used. Default: none, bytes only. */
        public Builder tensors(TensorFormat format) {
            this.tensors = Objects.requireNonNull(format, "tensors");
            return this;
        }

        /** The largest request body, in bytes. Default: 6,291,456, the service's limit. */
        public Builder maxRequestBytes(long maxRequestBytes) {
            this.maxRequestBytes = positive("maxRequestBytes", maxRequestBytes);
            return this;
        }

        /** The largest answer that is read, in bytes; errors included. Default: 64 MiB. */
        public Builder maxResponseBytes(long maxResponseBytes) {
            this.maxResponseBytes = positive("maxResponseBytes", maxResponseBytes);
            return this;
        }

        private @Nullable String accepted() {
            return accept != null || tensors == null
                    ? accept
                    : SageMakerRules.mediaType("media type of tensors", tensors.mediaType());
        }

        private static long positive(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " < 1: " + value);
            }
            return value;
        }

        /**
         * The transport. Opens no connection yet.
         *
         * @throws IllegalArgumentException if the override is not an https address, the tensor format's media type
         *     cannot be sent, or no region is set or found
         */
        public SageMaker build() {
            if (override != null) {
                SageMakerRules.override(override, plaintext);
            }
            return new SageMaker(this);
        }
    }
}
