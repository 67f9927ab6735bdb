package io.foretell.testing;

import io.foretell.grpc.proto.ModelSpec;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The models a TensorFlow Serving sandbox serves, by name, version or label, and signature. Filled, then only read. */
final class ModelCatalog {
    static final String DEFAULT_SIGNATURE = "serving_default";

    /** One version of a model, with its signatures. */
    record Servable(String name, long version, Map<String, Model> signatures) {
        ModelSpec.Builder spec() {
            ModelSpec.Builder spec = ModelSpec.newBuilder().setName(name);
            spec.getVersionBuilder().setValue(version);
            return spec;
        }

        /** An empty name means the default. */
        Model signature(String requested) {
            String signature = signatureName(requested);
            Model model = signatures.get(signature);
            if (model == null) {
                throw ServingErrors.of(
                        Status.Code.FAILED_PRECONDITION,
                        "Serving signature key \"" + signature + "\" not found. Possible signatures: "
                                + signatures.keySet());
            }
            return model;
        }

        static String signatureName(String requested) {
            return requested.isEmpty() ? DEFAULT_SIGNATURE : requested;
        }
    }

    private final Map<String, NavigableMap<Long, Servable>> models = new TreeMap<>();
    private final Map<String, Map<String, Long>> labels = new HashMap<>();

    void add(String name, long version, String signature, Model model) {
        Model present = models.computeIfAbsent(name, key -> new TreeMap<>())
                .computeIfAbsent(version, key -> new Servable(name, version, new TreeMap<>()))
                .signatures()
                .putIfAbsent(signature, model);
        if (present != null) {
            throw new IllegalArgumentException(
                    "model " + name + " version " + version + " has a signature " + signature + " already");
        }
    }

    void label(String name, String label, long version) {
        if (!versions(name).containsKey(version)) {
            throw new IllegalArgumentException("label " + label + " for an unknown version: " + name + " " + version);
        }
        labels.computeIfAbsent(name, key -> new HashMap<>()).put(label, version);
    }

    NavigableMap<Long, Servable> versions(String name) {
        return models.getOrDefault(name, new TreeMap<>());
    }

    /** The version that a spec means: the one given, the one labelled, or the latest. */
    Servable find(ModelSpec spec) {
        Long version = version(spec);
        NavigableMap<Long, Servable> versions = versions(spec.getName());
        Map.Entry<Long, Servable> last = versions.lastEntry();
        Servable latest = last == null ? null : last.getValue();
        Servable found = version == null ? latest : versions.get(version);
        if (found == null) {
            String request = version == null
                    ? "Latest(" + spec.getName() + ")"
                    : "Specific(" + spec.getName() + ", " + version + ")";
            throw ServingErrors.of(Status.Code.NOT_FOUND, "Servable not found for request: " + request);
        }
        return found;
    }

    /** The version a spec names, by number or by label; null where it names none. */
    @Nullable
    Long version(ModelSpec spec) {
        if (spec.getName().isEmpty()) {
            throw ServingErrors.of(Status.Code.INVALID_ARGUMENT, "ModelSpec has no name specified.");
        }
        if (spec.hasVersion()) {
            return spec.getVersion().getValue();
        }
        if (!spec.hasVersionLabel()) {
            return null;
        }
        Long version = labels.getOrDefault(spec.getName(), Map.of()).get(spec.getVersionLabel());
        if (version == null) {
            throw ServingErrors.of(
                    Status.Code.INVALID_ARGUMENT, "Unrecognized servable version label: " + spec.getVersionLabel());
        }
        return version;
    }
}
