package io.foretell.testing;

import io.foretell.tensor.Tensor;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Holds a request's inputs against a model's signature, as TensorFlow Serving and its runtime do. */
final class InputCheck {
    private InputCheck() {}

    static void names(Set<String> sent, Set<String> expected) {
        if (!sent.equals(expected)) {
            throw invalid("input size does not match signature: " + sent.size() + "!=" + expected.size() + " len("
                    + braces(sent) + ") != len(" + braces(expected) + "). Sent extra: "
                    + braces(without(sent, expected))
                    + ". Missing but required: " + braces(without(expected, sent)) + ".");
        }
    }

    private static Set<String> without(Set<String> names, Set<String> others) {
        Set<String> rest = new TreeSet<>(names);
        rest.removeAll(others);
        return rest;
    }

    private static String braces(Set<String> names) {
        return "{" + String.join(",", new TreeSet<>(names)) + "}";
    }

    static void tensors(Map<String, Tensor> inputs, Map<String, TensorSpec> specs) {
        specs.forEach((name, spec) -> {
            Tensor tensor = inputs.get(name);
            if (tensor == null || tensor.dtype() != spec.dtype()) {
                throw invalid("Expects input " + name + " to be " + spec.dtype() + " but "
                        + (tensor == null ? "nothing" : tensor.dtype()) + " is provided");
            }
            if (!fits(tensor, spec.dims())) {
                throw invalid("Input " + name + " has shape " + tensor.shape() + ", expected " + spec.dims());
            }
        });
    }

    private static boolean fits(Tensor tensor, @Nullable List<Long> dims) {
        if (dims == null) {
            return true;
        }
        long[] actual = tensor.shape().dims();
        boolean fits = actual.length == dims.size();
        for (int i = 0; fits && i < actual.length; i++) {
            fits = dims.get(i) < 0 || dims.get(i) == actual[i];
        }
        return fits;
    }

    private static RuntimeException invalid(String text) {
        return ServingErrors.of(Status.Code.INVALID_ARGUMENT, text);
    }
}
