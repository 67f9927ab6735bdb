package io.foretell.samples.batching;

import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorSpec;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tells by its temperature and pressure how worn a machine is, on a device on which a batch costs 5 ms and 0.3 ms more for
 * each item, and which works on two batches at once. A temperature that is not a number is an error of the whole batch,
 * and which one it was is not said: so it is with most servers.
 */
final class WearModel implements Model {
    /** What it is asked. */
    record Reading(float celsius, float bar) {}

    /** What it answers. */
    record Wear(float share) {}

    private static final TensorSpec ONE_EACH = TensorSpec.of(DType.FLOAT32, -1);
    private static final long BATCH_NANOS = TimeUnit.MICROSECONDS.toNanos(5_000);
    private static final long ITEM_NANOS = TimeUnit.MICROSECONDS.toNanos(300);

    private final Semaphore device = new Semaphore(2, true);

    @Override
    public Map<String, TensorSpec> inputs() {
        return Map.of("celsius", ONE_EACH, "bar", ONE_EACH);
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return Map.of("share", ONE_EACH);
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) throws InterruptedException {
        float[] celsius = Objects.requireNonNull(inputs.get("celsius")).floats();
        float[] bar = Objects.requireNonNull(inputs.get("bar")).floats();
        compute(celsius.length);
        float[] share = new float[celsius.length];
        for (int i = 0; i < share.length; i++) {
            if (Float.isNaN(celsius[i])) {
                throw new IllegalArgumentException("a temperature is not a number");
            }
            share[i] = wear(new Reading(celsius[i], bar[i])).share();
        }
        return Map.of("share", Tensor.of(share, share.length));
    }

    private void compute(int items) throws InterruptedException {
        device.acquire();
        try {
            TimeUnit.NANOSECONDS.sleep(BATCH_NANOS + items * ITEM_NANOS);
        } finally {
            device.release();
        }
    }

    /** What it finds for one machine. */
    static Wear wear(Reading reading) {
        return new Wear(reading.celsius() / 400 + reading.bar() / 40);
    }
}
