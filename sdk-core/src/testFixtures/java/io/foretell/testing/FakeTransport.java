package io.foretell.testing;

import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A transport without a network, which answers by a script and records what it was sent. Thread-safe.
 *
 * <p>The script's steps are played in the order they were added, one for each request; the last one also serves all that
 * follow, until another is added. A step that has served no request yet is still played before one added later. Without a script every request is held.
 *
 * <pre>{@code
 * var transport = new FakeTransport().fail(() -> unavailable).answer(request -> response);  // fails once
 * var transport = new FakeTransport().hold();
 * transport.sent(0).answer().complete(response);                                            // later
 * }</pre>
 */
public final class FakeTransport implements Transport {
    private final Queue<Step> script = new ArrayDeque<>();
    private final List<Sent> sent = new ArrayList<>();
    private final String endpoint;
    private Step step = (request, context) -> new CompletableFuture<>();
    private Payload.@Nullable Kind refused;
    private int cancels;
    private int closes;

    private interface Step extends BiFunction<InferenceRequest, CallContext, CompletableFuture<InferenceResponse>> {}

    /**
     * What the transport was sent.
     *
     * @param answer what {@link #send} returned; a test completes it where the script holds the request
     */
    public record Sent(InferenceRequest request, CallContext context, CompletableFuture<InferenceResponse> answer) {}

    /** A transport that takes both kinds of payload and holds every request. */
    public FakeTransport() {
        this("nowhere");
    }

    /** The same at an endpoint of this name. */
    public FakeTransport(String endpoint) {
        this.endpoint = endpoint;
    }

    /** Adds a step: answers at once. What the function throws fails the request. */
    public FakeTransport answer(Function<InferenceRequest, InferenceResponse> answer) {
        return script((request, context) -> {
            try {
                return CompletableFuture.completedFuture(answer.apply(request));
            } catch (RuntimeException fault) {
                return CompletableFuture.failedFuture(fault);
            }
        });
    }

    /** Adds a step: leaves the answer to the test, see {@link Sent#answer()}. */
    public FakeTransport hold() {
        return script((request, context) -> new CompletableFuture<>());
    }

    /** Adds a step: fails at once, by way of the future. */
    public FakeTransport fail(Supplier<? extends Throwable> fault) {
        return script((request, context) -> CompletableFuture.failedFuture(fault.get()));
    }

    /** Adds a step: breaks the contract and throws from {@link #send}. */
    public FakeTransport throwing(Supplier<? extends RuntimeException> fault) {
        return script((request, context) -> {
            throw fault.get();
        });
    }

    /** Adds a step of any kind; it runs on the thread that sends, under no lock. */
    public FakeTransport script(
            BiFunction<InferenceRequest, CallContext, CompletableFuture<InferenceResponse>> answer) {
        synchronized (this) {
            script.add(answer::apply);
        }
        return this;
    }

    /** Takes payloads of this kind no more. */
    public synchronized FakeTransport refuse(Payload.Kind kind) {
        refused = kind;
        return this;
    }

    @Override
    public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        CompletableFuture<InferenceResponse> answer = nextStep().apply(request, context);
        if (answer == null) {
            return answer; // a script may break the contract
        }
        synchronized (this) {
            sent.add(new Sent(request, context, answer));
        }
        answer.whenComplete((response, fault) -> countIfCancelled(answer));
        return answer;
    }

    private synchronized Step nextStep() {
        Step next = script.poll();
        if (next != null) {
            step = next;
        }
        return step;
    }

    private synchronized void countIfCancelled(CompletableFuture<InferenceResponse> answer) {
        if (answer.isCancelled()) {
            cancels++;
        }
    }

    /** How many requests were sent, but for those where the script threw or returned null. */
    public synchronized int sends() {
        return sent.size();
    }

    /** How many of them were cancelled before they had an answer. */
    public synchronized int cancels() {
        return cancels;
    }

    /** How often this was closed. */
    public synchronized int closes() {
        return closes;
    }

    /** All that was sent, in its order. */
    public synchronized List<Sent> sent() {
        return List.copyOf(sent);
    }

    /**
     * One request.
     *
     * @param index from 0
     * @throws IndexOutOfBoundsException if fewer were sent
     */
    public synchronized Sent sent(int index) {
        return sent.get(index);
    }

    @Override
    public synchronized boolean accepts(Payload.Kind kind) {
        return kind != refused;
    }

    @Override
    public long maxRequestBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public String protocol() {
        return "fake";
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public @Nullable String model() {
        return null;
    }

    /** Counts; requests go on being answered. */
    @Override
    public synchronized void close() {
        closes++;
    }
}
