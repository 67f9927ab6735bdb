package io.foretell.it;

import io.foretell.error.ErrorCategory;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.tensor.DType;
import io.foretell.testing.Fault;
import io.foretell.testing.Model;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.testing.TransportContract;
import io.foretell.transport.Transport;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The contract over real gRPC. */
class TensorFlowServingContractTest extends TransportContract {
    private static final int MIB = 1 << 20;

    @Override
    protected Server start(Model model) throws Exception {
        TensorFlowServingSandbox sandbox =
                TensorFlowServingSandbox.builder().model("echo", 1, model).start();
        return new Server() {
            @Override
            public Transport transport() {
                return TensorFlowServing.to(sandbox.target())
                        .model("echo")
                        .allowPlaintext()
                        .build();
            }

            @Override
            public long requests() {
                return sandbox.requestCount();
            }

            @Override
            public long givenUp() {
                return sandbox.cancelledCount();
            }

            @Override
            public void play(Fault... faults) {
                sandbox.play(faults);
            }

            @Override
            public void close() {
                sandbox.close();
            }
        };
    }

    @Override
    protected Transport nowhere(int port) {
        return TensorFlowServing.to("127.0.0.1:" + port)
                .model("echo")
                .allowPlaintext()
                .build();
    }

    @Override
    protected Set<DType> dtypes() {
        return EnumSet.allOf(DType.class);
    }

    @Override
    protected int bigTensorBytes() {
        return 32 * MIB;
    }

    @Override
    protected int tooBigTensorBytes() {
        return 64 * MIB;
    }

    @Override
    protected Map<Fault, ErrorCategory> errors() {
        Map<String, ErrorCategory> codes = new LinkedHashMap<>();
        codes.put("INVALID_ARGUMENT", ErrorCategory.INVALID_REQUEST);
        codes.put("FAILED_PRECONDITION", ErrorCategory.INVALID_REQUEST);
        codes.put("OUT_OF_RANGE", ErrorCategory.INVALID_REQUEST);
        codes.put("UNIMPLEMENTED", ErrorCategory.INVALID_REQUEST);
        codes.put("NOT_FOUND", ErrorCategory.NOT_FOUND);
        codes.put("UNAVAILABLE", ErrorCategory.OVERLOADED);
        codes.put("RESOURCE_EXHAUSTED", ErrorCategory.THROTTLED);
        codes.put("INTERNAL", ErrorCategory.MODEL_FAULT);
        codes.put("UNKNOWN", ErrorCategory.MODEL_FAULT);
        codes.put("DATA_LOSS", ErrorCategory.MODEL_FAULT);
        codes.put("ABORTED", ErrorCategory.SERVER_FAULT);
        codes.put("UNAUTHENTICATED", ErrorCategory.AUTH_EXPIRED);
        codes.put("PERMISSION_DENIED", ErrorCategory.AUTH);
        codes.put("CANCELLED", ErrorCategory.CONNECTION_LOST);
        codes.put("DEADLINE_EXCEEDED", ErrorCategory.TIMEOUT);
        Map<Fault, ErrorCategory> errors = new LinkedHashMap<>();
        codes.forEach((code, category) -> errors.put(Fault.status(code, "scripted"), category));
        return errors;
    }
}
