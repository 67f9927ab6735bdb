package io.foretell.it;

import io.foretell.error.ErrorCategory;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.Model;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TransportContract;
import io.foretell.transport.Transport;
import java.net.URI;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The contract over HTTPS, signed, with tensors as TensorFlow Serving JSON. */
class SageMakerContractTest extends TransportContract {
    @Override
    protected Server start(Model model) throws Exception {
        SageMakerSandbox sandbox =
                SageMakerSandbox.builder().endpoint("echo", model).start();
        DType dtype = model.outputs().get("y").dtype();
        return new Server() {
            @Override
            public Transport transport() {
                return sandbox.transport("echo")
                        .tensors(TensorFormats.tfServingJson().output("y", dtype))
                        .build();
            }

            @Override
            public long requests() {
                return sandbox.requestCount();
            }

            @Override
            public long givenUp() {
                return sandbox.abandonedCount();
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
    protected Transport nowhere(int port) throws Exception {
        SageMakerSandbox sandbox = SageMakerSandbox.builder()
                .endpoint("echo", new EchoModel(DType.FLOAT32))
                .start();
        closedAtTheEnd(sandbox); // whose client it is
        return sandbox.transport("echo")
                .endpointOverride(URI.create("https://localhost:" + port))
                .tensors(TensorFormats.tfServingJson())
                .build();
    }

    /** What JSON can say: no half floats, no complex numbers, nothing quantized. */
    @Override
    protected Set<DType> dtypes() {
        return EnumSet.of(
                DType.BOOL,
                DType.STRING,
                DType.FLOAT32,
                DType.FLOAT64,
                DType.INT8,
                DType.INT16,
                DType.INT32,
                DType.INT64,
                DType.UINT8,
                DType.UINT16,
                DType.UINT32,
                DType.UINT64);
    }

    /** Zeros take four characters each: {@code 0.0,}. */
    @Override
    protected int bigTensorBytes() {
        return 6_000_000;
    }

    @Override
    protected int tooBigTensorBytes() {
        return 6_400_000;
    }

    @Override
    protected Map<Fault, ErrorCategory> errors() {
        Map<Fault, ErrorCategory> errors = new LinkedHashMap<>();
        errors.put(service(400, "ValidationError"), ErrorCategory.INVALID_REQUEST);
        errors.put(service(400, "ThrottlingException"), ErrorCategory.THROTTLED);
        errors.put(service(429, "ThrottlingException"), ErrorCategory.THROTTLED);
        errors.put(service(429, "ModelNotReadyException"), ErrorCategory.NOT_READY);
        errors.put(service(403, "AccessDeniedException"), ErrorCategory.AUTH);
        errors.put(service(403, "ExpiredTokenException"), ErrorCategory.AUTH_EXPIRED);
        errors.put(service(404, "ResourceNotFound"), ErrorCategory.NOT_FOUND);
        errors.put(service(500, "InternalFailure"), ErrorCategory.SERVER_FAULT);
        errors.put(service(502, "BadGateway"), ErrorCategory.SERVER_FAULT);
        errors.put(service(503, "ServiceUnavailable"), ErrorCategory.OVERLOADED);
        errors.put(service(504, "GatewayTimeout"), ErrorCategory.SERVER_FAULT);
        errors.put(service(530, "InternalDependencyException"), ErrorCategory.SERVER_FAULT);
        errors.put(model(400), ErrorCategory.MODEL_CLIENT_ERROR);
        errors.put(model(429), ErrorCategory.THROTTLED);
        errors.put(model(503), ErrorCategory.OVERLOADED);
        errors.put(model(500), ErrorCategory.MODEL_FAULT);
        errors.put(model(0), ErrorCategory.MODEL_TIMEOUT);
        return errors;
    }

    private static Fault service(int status, String type) {
        return Fault.error(status, type, "{\"message\":\"scripted\"}");
    }

    private static Fault model(int originalStatus) {
        return Fault.error(
                424,
                "ModelError",
                "{\"Message\":\"scripted\",\"OriginalMessage\":\"from the container\",\"OriginalStatusCode\":"
                        + originalStatus + "}");
    }
}
