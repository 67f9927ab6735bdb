package io.foretell.internal.engine;

import io.foretell.tensor.Tensor;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.lang.reflect.Array;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far two answers to the same request are apart. */
final class PayloadDifference {
    private PayloadDifference() {}

    /** The largest difference of two numbers at the same place; NaN where the two cannot be compared. */
    static double largest(@Nullable InferenceResponse one, @Nullable InferenceResponse other) {
        if (one == null || other == null) {
            return Double.NaN;
        }
        try {
            return largest(one.payload(), other.payload());
        } catch (RuntimeException unreadable) { // answers are read as late as here
            return Double.NaN;
        }
    }

    private static double largest(Payload one, Payload other) {
        if (one instanceof Payload.Tensors tensors && other instanceof Payload.Tensors others) {
            return largest(tensors.tensors(), others.tensors());
        }
        return one.equals(other) ? 0 : Double.NaN;
    }

    private static double largest(Map<String, Tensor> one, Map<String, Tensor> other) {
        double largest = one.keySet().equals(other.keySet()) ? 0 : Double.NaN;
        for (Map.Entry<String, Tensor> named : one.entrySet()) {
            Tensor counterpart = other.get(named.getKey());
            largest = Math.max(largest, counterpart == null ? Double.NaN : largest(named.getValue(), counterpart));
        }
        return largest;
    }

    private static double largest(Tensor one, Tensor other) {
        if (one.equals(other)) {
            return 0;
        }
        if (one.dtype() != other.dtype() || !one.shape().equals(other.shape())) {
            return Double.NaN;
        }
        return switch (one.dtype()) {
            case FLOAT16, BFLOAT16, FLOAT32 -> largest(one.floats(), other.floats());
            case FLOAT64, INT8, INT16, INT32, INT64 -> largest(one.elements(), other.elements());
            default -> Double.NaN;
        };
    }

    private static double largest(Object numbers, Object others) {
        double largest = 0;
        for (int i = 0; i < Array.getLength(numbers); i++) {
            largest = Math.max(largest, Math.abs(Array.getDouble(numbers, i) - Array.getDouble(others, i)));
        }
        return largest;
    }
}
