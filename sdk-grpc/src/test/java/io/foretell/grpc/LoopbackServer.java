package io.foretell.grpc;

import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.PredictionServiceGrpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A real server on loopback, whose answers the test writes. */
final class LoopbackServer extends PredictionServiceGrpc.PredictionServiceImplBase implements AutoCloseable {
    static final int MAX_REQUEST_BYTES = 48 << 20;

    private final Server server;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile BiConsumer<PredictRequest, ServerCallStreamObserver<PredictResponse>> answer =
            (request, observer) -> {
                observer.onNext(PredictResponse.newBuilder()
                        .putAllOutputs(request.getInputsMap())
                        .setModelSpec(request.getModelSpec())
                        .build());
                observer.onCompleted();
            };

    LoopbackServer() throws IOException {
        this(InsecureServerCredentials.create());
    }

    LoopbackServer(ServerCredentials credentials) throws IOException {
        this(credentials, builder -> {});
    }

    LoopbackServer(Consumer<NettyServerBuilder> settings) throws IOException {
        this(InsecureServerCredentials.create(), settings);
    }

    private LoopbackServer(ServerCredentials credentials, Consumer<NettyServerBuilder> settings) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials)
                .addService(this)
                .maxInboundMessageSize(MAX_REQUEST_BYTES);
        settings.accept(builder);
        server = builder.build().start();
    }

    /** Replaces the echo. */
    void answer(BiConsumer<PredictRequest, ServerCallStreamObserver<PredictResponse>> answer) {
        this.answer = answer;
    }

    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> observer) {
        calls.incrementAndGet();
        answer.accept(request, (ServerCallStreamObserver<PredictResponse>) observer);
    }

    int calls() {
        return calls.get();
    }

    String target() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
