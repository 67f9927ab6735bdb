package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FakeClock;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** A server and a time that a row makes itself. All runs on the thread of the row. */
final class VirtualTarget {
    static final long SEED = 20_240_229;

    final FakeClock clock = new FakeClock();
    final FakeTransport transport = new FakeTransport();

    /** A predictor to be built, which has everything from here. */
    PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> predictor(Ledger ledger) {
        ledger.atRest("timers left", clock::pendingTimers);
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .time(clock, clock)
                .timeout(Duration.ofSeconds(30))
                .random(new Random(SEED))
                .callbackExecutor(Runnable::run)
                .listener(ledger.listener());
    }

    /** Answers a request with what it was sent. */
    void answer(int request) {
        FakeTransport.Sent sent = transport.sent(request);
        sent.answer().complete(InferenceResponse.of(sent.request().payload()));
    }

    /** Fails a request. */
    void fail(int request, ErrorCategory category) {
        transport.sent(request).answer().completeExceptionally(failure(category));
    }

    /** From now on fails every request at once. */
    void failAll(ErrorCategory category) {
        transport.fail(() -> failure(category));
    }

    static InferenceException failure(ErrorCategory category) {
        return InferenceException.of(category).build();
    }

    void advanceMillis(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }
}
