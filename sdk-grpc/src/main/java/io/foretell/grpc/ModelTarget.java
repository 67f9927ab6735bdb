package io.foretell.grpc;

import com.google.protobuf.Int64Value;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.transport.Attributes;
import org.jspecify.annotations.Nullable;

/** Which model, version and signature is called: what the transport was built with, changed by a call's attributes. */
record ModelTarget(
        String model, @Nullable Long version, @Nullable String versionLabel, String signature) {
    private static final int MAX_NAME_LENGTH = 1024;

    ModelTarget {
        checkName("model", model);
        checkName("signature", signature);
        if (version != null) {
            checkVersion(version);
        }
        if (versionLabel != null) {
            checkName("version label", versionLabel);
        }
        if (version != null && versionLabel != null) {
            throw new IllegalArgumentException(
                    "version " + version + " and version label \"" + versionLabel + "\" exclude each other");
        }
    }

    static void checkVersion(long version) {
        if (version < 0) {
            throw new IllegalArgumentException("version < 0: " + version);
        }
    }

    /** Names are free text to the protocol. What would not show in a log line is refused. */
    static void checkName(String what, String name) {
        if (name.isBlank() || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    what + " must have 1 to " + MAX_NAME_LENGTH + " characters, not only blanks; has " + name.length());
        }
        for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
            int c = name.codePointAt(i);
            if (!printable(c)) {
                throw new IllegalArgumentException(
                        String.format("%s has an unprintable character U+%04X at index %d", what, c, i));
            }
        }
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** A version or a label of the call replaces either of the transport's. */
    ModelTarget with(Attributes call) {
        String callModel = call.get(TensorFlowServing.MODEL);
        String callSignature = call.get(TensorFlowServing.SIGNATURE);
        Long callVersion = call.get(TensorFlowServing.VERSION);
        String callLabel = call.get(TensorFlowServing.VERSION_LABEL);
        boolean chosen = callVersion != null || callLabel != null;
        return new ModelTarget(
                callModel == null ? model : callModel,
                chosen ? callVersion : version,
                chosen ? callLabel : versionLabel,
                callSignature == null ? signature : callSignature);
    }

    ModelSpec toSpec() {
        ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model).setSignatureName(signature);
        if (version != null) {
            spec.setVersion(Int64Value.of(version));
        }
        if (versionLabel != null) {
            spec.setVersionLabel(versionLabel);
        }
        return spec.build();
    }
}
