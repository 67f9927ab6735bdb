package io.foretell.grpc.internal;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.grpc.proto.TensorProto;
import io.foretell.tensor.DType;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says which tensor cannot be read, and why. Holds no values. */
final class MalformedTensor {
    private static final int PRINTED_DIMS = 16;

    private MalformedTensor() {}

    static InferenceException because(String name, TensorProto proto, String reason) {
        return because(name, proto, reason, null);
    }

    static InferenceException because(String name, TensorProto proto, String reason, @Nullable Throwable cause) {
        return InferenceException.of(ErrorCategory.PROTOCOL)
                .message(outline(name, proto) + ": " + reason)
                .cause(cause)
                .build();
    }

    static InferenceException tooLarge(String name, TensorProto proto, String reason) {
        return InferenceException.of(ErrorCategory.PAYLOAD_TOO_LARGE)
                .retrySafety(RetrySafety.UNSAFE)
                .message(outline(name, proto) + ": " + reason)
                .build();
    }

    private static String outline(String name, TensorProto proto) {
        DType dtype = DataTypes.fromWire(proto.getDtypeValue());
        String dims = proto.getTensorShape().getDimList().stream()
                .limit(PRINTED_DIMS)
                .map(dim -> Long.toString(dim.getSize()))
                .collect(Collectors.joining(", ", "[", ""));
        String end = proto.getTensorShape().getDimCount() > PRINTED_DIMS ? ", ...]" : "]";
        return "tensor \"" + name + "\" " + (dtype == null ? "dtype " + proto.getDtypeValue() : dtype) + " " + dims
                + end;
    }
}
