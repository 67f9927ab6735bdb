package io.foretell.samples.resilience;

import io.foretell.Predictor;
import java.util.concurrent.TimeUnit;

/** Calls at a steady rate, whatever becomes of them: users do not slow down because a server does. */
final class Load {
    private Load() {}

    /** Returns when the last call is started, not ended. Each outcome is left to the predictor's listeners. */
    static <I> void run(Predictor<I, ?> predictor, I input, int calls, int perSecond) throws InterruptedException {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            long due = begin + TimeUnit.SECONDS.toNanos(i) / perSecond;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            predictor.predictAsync(input); // never waits, not even when the endpoint is down
        }
    }
}
