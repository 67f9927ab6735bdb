package io.foretell.scorecard;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.tensor.Tensor;
import io.foretell.time.Scheduler;
import io.foretell.time.Ticker;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.foretell.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;

/** A server of items in this process, which answers by timers: in virtual time as well, and with no network to wait for. */
final class ItemTransport implements Transport {
    private final ItemServer server;
    private final Scheduler scheduler;
    private volatile IntToLongFunction latency;

    /** @param latency nanoseconds until the answer to a request of so many items; 0 to answer within {@link #send} */
    ItemTransport(ItemServer server, Scheduler scheduler, IntToLongFunction latency) {
        this.server = server;
        this.scheduler = scheduler;
        this.latency = latency;
    }

    /** The times of a server that takes one request after the other, each for so long. */
    static IntToLongFunction serial(Ticker ticker, IntToLongFunction service) {
        AtomicLong free = new AtomicLong(ticker.nanos());
        return items -> {
            long now = ticker.nanos();
            return free.updateAndGet(at -> Math.max(at, now) + service.applyAsLong(items)) - now;
        };
    }

    /** Takes another time from now on. */
    void latency(IntToLongFunction latency) {
        this.latency = latency;
    }

    @Override
    public CompletableFuture<InferenceResponse> send(InferenceRequest request, CallContext context) {
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        List<Word> words = server.arrived(((Payload.Tensors) request.payload()).tensors());
        long nanos = latency.applyAsLong(words.size());
        if (nanos == 0) {
            answer(words, answer);
        } else {
            Scheduler.Timer timer = scheduler.schedule(() -> answer(words, answer), nanos);
            answer.whenComplete((response, failure) -> timer.cancel());
        }
        return answer;
    }

    private void answer(List<Word> words, CompletableFuture<InferenceResponse> answer) {
        try {
            Map<String, Tensor> outputs = server.answered(words);
            answer.complete(InferenceResponse.of(new Payload.Tensors(outputs)));
        } catch (InferenceException e) {
            answer.completeExceptionally(e);
        } catch (IllegalArgumentException e) {
            answer.completeExceptionally(InferenceException.of(ErrorCategory.MODEL_CLIENT_ERROR)
                    .cause(e)
                    .build());
        }
    }

    @Override
    public boolean accepts(Payload.Kind kind) {
        return kind == Payload.Kind.TENSORS;
    }

    @Override
    public long maxRequestBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public String protocol() {
        return "none";
    }

    @Override
    public String endpoint() {
        return "here";
    }

    @Override
    public String model() {
        return "items";
    }

    @Override
    public void close() {}
}
