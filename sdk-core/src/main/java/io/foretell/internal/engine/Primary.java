package io.foretell.internal.engine;

import io.foretell.internal.gate.Readings;
import io.foretell.time.Ticker;
import io.foretell.transport.InferenceResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The end of a request that has a copy at the shadow: hands it on, and keeps it for the comparison. */
final class Primary implements Delivery {
    final CompletableFuture<ShadowCopy.Ending> ended = new CompletableFuture<>();

    private final Delivery delivery;
    private final Ticker ticker;
    private final long startNanos;

    Primary(Delivery delivery, Ticker ticker, long startNanos) {
        this.delivery = delivery;
        this.ticker = ticker;
        this.startNanos = startNanos;
    }

    @Override
    public void ended(@Nullable InferenceResponse response, @Nullable Throwable fault) {
        long nanos = Readings.nowOr(startNanos, ticker) - startNanos;
        ShadowCopy.Ending ending = new ShadowCopy.Ending(response, fault, nanos);
        delivery.ended(response, fault); // first: nobody waits for a comparison
        ended.complete(ending);
    }
}
