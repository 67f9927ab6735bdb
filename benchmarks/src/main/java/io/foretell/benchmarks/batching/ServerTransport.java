package io.foretell.benchmarks.batching;

import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Answers with what was sent, when the server has served it. Closes the server. */
final class ServerTransport implements Transport {
    private final Server server;

    ServerTransport(Server server) {
        this.server = server;
    }

    @Override
    public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        CompletableFuture<Void> served = server.serve(request.itemCount());
        context.requestSent();
        return served.thenApply(nothing -> {
            context.responseStarted();
            return InferenceResponse.of(request.payload());
        });
    }

    @Override
    public boolean accepts(Payload.Kind kind) {
        return true;
    }

    @Override
    public long maxRequestBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public String protocol() {
        return "in the same process";
    }

    @Override
    public String endpoint() {
        return "server";
    }

    @Override
    public @Nullable String model() {
        return null;
    }

    @Override
    public void close() {
        server.close();
    }
}
