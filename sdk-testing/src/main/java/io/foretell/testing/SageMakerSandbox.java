package io.foretell.testing;

import io.foretell.http.SageMaker;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * SageMaker's runtime, in this JVM: a server on loopback that answers {@code POST /endpoints/{name}/invocations} over
 * TLS, for who has signed with its keys. It needs no account and no network. Signatures, errors and headers are the
 * real service's; models are what the builder was given. Thread-safe.
 *
 * <pre>{@code
 * try (SageMakerSandbox sandbox = SageMakerSandbox.builder().endpoint("iris", model).start()) {
 *     ...
 * }
 * }</pre>
 */
public final class SageMakerSandbox implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final String region;
    private final @Nullable String sessionToken;
    private final TestCertificates certificates;
    private final SageMakerService service;
    private final ExecutorService models =
            Executors.newCachedThreadPool(new DefaultThreadFactory("foretell-sagemaker-model", true));
    private final EventLoopGroup loops =
            new NioEventLoopGroup(2, new DefaultThreadFactory("foretell-sagemaker-io", true));
    private final URI uri;
    private final SageMakerClient client;

    private SageMakerSandbox(Builder builder) {
        region = builder.region;
        sessionToken = builder.sessionToken;
        certificates = TestCertificates.create();
        SigV4Verifier verifier = new SigV4Verifier(
                builder.accessKey, builder.secretKey, sessionToken, region, "sagemaker", builder.clock);
        service = new SageMakerService(builder.endpoints, verifier, region, builder.maxRequestBytes, models);
        uri = URI.create((builder.plaintext ? "http" : "https") + "://127.0.0.1:" + listen(builder));
        client = new SageMakerClient(this);
    }

    private int listen(Builder builder) {
        SslContext tls = builder.plaintext ? null : tls();
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, CHUNK_BYTES))
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new RequestGatherer(builder.maxRequestBytes))
                                .addLast(new SageMakerConnection(service, builder.clock));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private SslContext tls() {
        try {
            return SslContextBuilder.forServer(certificates.keyManagers()).build();
        } catch (SSLException e) {
            throw new IllegalStateException("no TLS for the SageMaker sandbox", e);
        }
    }

    /** A sandbox to be described: over TLS, with keys of its own, in region {@code us-east-1}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where it listens, such as {@code https://127.0.0.1:40123}: the endpoint override of an AWS client. */
    public URI uri() {
        return uri;
    }

    /**
     * A transport to one of its endpoints that has all it needs: region, keys, address, and trust in the certificates.
     * Such transports share an HTTP client, which {@link #close()} closes.
     */
    public SageMaker.Builder transport(String endpoint) {
        return client.transport(endpoint);
    }

    /** The region it takes itself to be in. */
    public String region() {
        return region;
    }

    /** The one access key it accepts. */
    public String accessKey() {
        return service.verifier().accessKey();
    }

    /** The secret that belongs to the access key. */
    public String secretKey() {
        return service.verifier().secretKey();
    }

    /**
     * Gives it another key, in place of the one so far: requests signed with that are refused as {@code
     * ExpiredTokenException} from here on. A session token, if there is one, stays. Transports that were made before keep
     * the key they have, unless they were given a provider that knows better.
     */
    public void rotate(String accessKey, String secretKey) {
        service.rotate(Builder.requireText("accessKey", accessKey), Builder.requireText("secretKey", secretKey));
    }

    /** The session token that has to come with the access key, if any. */
    public Optional<String> sessionToken() {
        return Optional.ofNullable(sessionToken);
    }

    /** What its TLS rests on; a client has to trust the authority. */
    public TestCertificates certificates() {
        return certificates;
    }

    /**
     * Queues faults. Each request that is of a size and signed takes the next, for as long as there are any.
     *
     * @throws IllegalArgumentException if a status is not one of HTTP, or a fault's times are fewer than 1
     */
    public void play(Fault... faults) {
        List.of(faults).forEach(SageMakerSandbox::requireHttp);
        List.of(faults).forEach(service.faults()::add);
    }

    /**
     * Plays a plan to all requests from here on for which no queued fault is left, in place of the plan before.
     *
     * <p>Like queued faults, it is asked for the requests that are of a size and signed.
     */
    public void play(FaultPlan plan) {
        service.faults().plan(plan);
    }

    private static void requireHttp(Fault fault) {
        String status = fault.status();
        if (status != null && !status.matches("[2-5][0-9][0-9]")) {
            throw new IllegalArgumentException("no HTTP status: " + status);
        }
    }

    /** How many requests have arrived, the refused ones included. */
    public long requestCount() {
        return service.requests().sum();
    }

    /** How many connections have ended before {@link #close()}. */
    public long connectionsClosedByClient() {
        return service.closedByClient().sum();
    }

    /** How many of those had a request that was not answered yet: a cancelled call, as the server sees it. */
    public long abandonedCount() {
        return service.abandoned().sum();
    }

    /** Ends all connections at once. Models that still run are interrupted. Closing twice does nothing more. */
    @Override
    public void close() {
        service.close();
        client.close();
        models.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    /** What a sandbox serves, and to whom. Not thread-safe. */
    public static final class Builder {
        private static final Pattern ENDPOINT_NAME = Pattern.compile("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
        private static final String KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        private static final SecureRandom RANDOM = new SecureRandom();

        final Map<String, BytesModel> endpoints = new HashMap<>();
        private String region = "us-east-1";
        private String accessKey = "AKIA" + random(16);
        private String secretKey = random(40);

        @Nullable
        private String sessionToken;

        private Clock clock = Clock.systemUTC();
        private int maxRequestBytes = 6 * 1024 * 1024;
        private boolean plaintext;

        private Builder() {}

        private static String random(int length) {
            return RANDOM.ints(length, 0, KEY_LETTERS.length())
                    .collect(StringBuilder::new, (text, i) -> text.append(KEY_LETTERS.charAt(i)), StringBuilder::append)
                    .toString();
        }

        /**
         * An endpoint whose container is TensorFlow's: it takes {@code application/json} with {@code inputs} or {@code
         * instances} and answers with {@code outputs} or {@code predictions}.
         *
         * @throws IllegalArgumentException if SageMaker would not have the name, or it is taken
         */
        public Builder endpoint(String name, Model model) {
            return endpoint(name, new TfServingContainer(model));
        }

        /**
         * An endpoint whose container takes bytes of any media type.
         *
         * @throws IllegalArgumentException if SageMaker would not have the name, or it is taken
         */
        public Builder endpoint(String name, BytesModel model) {
            if (!ENDPOINT_NAME.matcher(name).matches() || name.length() > 63) {
                throw new IllegalArgumentException("no name for an endpoint: " + name);
            }
            if (endpoints.putIfAbsent(name, Objects.requireNonNull(model, "model")) != null) {
                throw new IllegalArgumentException("endpoint given twice: " + name);
            }
            return this;
        }

        /** The access key to be signed with; a random one unless set. */
        public Builder accessKey(String accessKey) {
            this.accessKey = requireText("accessKey", accessKey);
            return this;
        }

        /** The secret to be signed with; a random one unless set. */
        public Builder secretKey(String secretKey) {
            this.secretKey = requireText("secretKey", secretKey);
            return this;
        }

        /** A session token that has to come with the access key, as with keys of a role; none unless set. */
        public Builder sessionToken(String sessionToken) {
            this.sessionToken = requireText("sessionToken", sessionToken);
            return this;
        }

        private static String requireText(String name, String value) {
            if (value.isBlank()) {
                throw new IllegalArgumentException(name + " is blank");
            }
            return value;
        }

        /** The region that requests have to be signed for; {@code us-east-1} unless set. */
        public Builder region(String region) {
            this.region = requireText("region", region);
            return this;
        }

        /** What the age of signatures is measured by, and answers are dated by; the system's clock unless set. */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * The longest body it takes, in bytes; anything longer is answered with 413. SageMaker's 6,291,456 unless set.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxRequestBytes(int maxRequestBytes) {
            if (maxRequestBytes < 1) {
                throw new IllegalArgumentException("maxRequestBytes < 1: " + maxRequestBytes);
            }
            this.maxRequestBytes = maxRequestBytes;
            return this;
        }

        /** Without TLS, to be put behind a front or looked at on the wire. */
        public Builder plaintext() {
            plaintext = true;
            return this;
        }

        /** Starts it on a free port of the loopback address. */
        public SageMakerSandbox start() {
            return new SageMakerSandbox(this);
        }
    }
}
