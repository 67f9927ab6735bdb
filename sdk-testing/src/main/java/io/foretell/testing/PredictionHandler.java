package io.foretell.testing;

import com.google.protobuf.Any;
import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.GetModelMetadataRequest;
import io.foretell.grpc.proto.GetModelMetadataResponse;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.PredictionServiceGrpc;
import io.foretell.grpc.proto.SignatureDefMap;
import io.foretell.tensor.Tensor;
import io.foretell.testing.ModelCatalog.Servable;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The sandbox's PredictionService. Its methods are called on the executor of the models, never on an event loop. */
final class PredictionHandler extends PredictionServiceGrpc.PredictionServiceImplBase {
    private static final String SIGNATURE_DEF = "signature_def";

    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    final AtomicLong requests = new AtomicLong();
    final AtomicLong cancelled = new AtomicLong();
    final FaultQueue faults = new FaultQueue();

    private final ModelCatalog catalog;
    private final Executor executor;
    private final ScheduledExecutorService timer;

    PredictionHandler(ModelCatalog catalog, Executor executor, ScheduledExecutorService timer) {
        this.catalog = catalog;
        this.executor = executor;
        this.timer = timer;
    }

    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> answer) {
        requests.incrementAndGet();
        ServerCallStreamObserver<PredictResponse> call = (ServerCallStreamObserver<PredictResponse>) answer;
        Fault fault = faults.next();
        if (fault == null || fault.delay().isZero()) {
            call.setOnCancelHandler(cancelled::incrementAndGet);
            finish(request, fault, call);
            return;
        }
        Future<?> later = timer.schedule(
                () -> executor.execute(() -> finish(request, fault, call)),
                fault.delay().toNanos(),
                TimeUnit.NANOSECONDS);
        call.setOnCancelHandler(() -> {
            cancelled.incrementAndGet();
            later.cancel(false);
        });
    }

    private void finish(PredictRequest request, @Nullable Fault fault, StreamObserver<PredictResponse> answer) {
        if (fault != null && fault.status() != null) {
            answer.onError(error(Status.Code.valueOf(fault.status()), fault));
            return;
        }
        answer(answer, () -> run(request));
    }

    private static StatusRuntimeException error(Status.Code code, Fault fault) {
        Metadata trailers = new Metadata();
        if (fault.pushback() != null) {
            trailers.put(PUSHBACK, Long.toString(fault.pushback().toMillis()));
        }
        return code.toStatus().withDescription(fault.message()).asRuntimeException(trailers);
    }

    private PredictResponse run(PredictRequest request) {
        Servable servable = catalog.find(request.getModelSpec());
        String signature = Servable.signatureName(request.getModelSpec().getSignatureName());
        Model model = servable.signature(signature);
        InputCheck.names(request.getInputsMap().keySet(), model.inputs().keySet());
        checkFilter(request.getOutputFilterList(), model.outputs().keySet());
        Map<String, Tensor> inputs = inputs(request);
        InputCheck.tensors(inputs, model.inputs());
        PredictResponse.Builder response = PredictResponse.newBuilder();
        response.setModelSpec(servable.spec().setSignatureName(signature));
        outputs(model, inputs).forEach((name, tensor) -> {
            if (request.getOutputFilterCount() == 0
                    || request.getOutputFilterList().contains(name)) {
                response.putOutputs(name, TensorProtos.toProto(tensor));
            }
        });
        return response.build();
    }

    private static void checkFilter(List<String> filter, Set<String> outputs) {
        Set<String> seen = new HashSet<>();
        for (String name : filter) {
            if (!outputs.contains(name)) {
                throw ServingErrors.of(
                        Status.Code.INVALID_ARGUMENT,
                        "output tensor alias not found in signature: " + name + " Outputs expected to be in the set {"
                                + String.join(",", new TreeSet<>(outputs)) + "}.");
            }
            if (!seen.add(name)) {
                throw ServingErrors.of(Status.Code.INVALID_ARGUMENT, "duplicate output tensor alias: " + name);
            }
        }
    }

    private static Map<String, Tensor> inputs(PredictRequest request) {
        try {
            return TensorProtos.toTensors(request.getInputsMap(), Integer.MAX_VALUE);
        } catch (RuntimeException e) {
            throw ServingErrors.of(Status.Code.INVALID_ARGUMENT, "tensor parsing error: " + e.getMessage());
        }
    }

    /** Whatever a model throws becomes the call's error: no caller is left waiting. */
    private static Map<String, Tensor> outputs(Model model, Map<String, Tensor> inputs) {
        try {
            return model.run(inputs);
        } catch (Throwable e) {
            throw ServingErrors.ofModel(e);
        }
    }

    @Override
    public void getModelMetadata(GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> answer) {
        answer(answer, () -> metadata(request));
    }

    private GetModelMetadataResponse metadata(GetModelMetadataRequest request) {
        if (request.getMetadataFieldCount() == 0) {
            throw ServingErrors.of(
                    Status.Code.INVALID_ARGUMENT, "GetModelMetadataRequest must specify at least one metadata_field");
        }
        for (String field : request.getMetadataFieldList()) {
            if (!field.equals(SIGNATURE_DEF)) {
                throw ServingErrors.of(Status.Code.INVALID_ARGUMENT, "Metadata field " + field + " is not supported");
            }
        }
        Servable servable = catalog.find(request.getModelSpec());
        SignatureDefMap.Builder signatures = SignatureDefMap.newBuilder();
        servable.signatures().forEach((name, model) -> signatures.putSignatureDef(name, Signatures.of(model)));
        return GetModelMetadataResponse.newBuilder()
                .setModelSpec(servable.spec())
                .putMetadata(SIGNATURE_DEF, Any.pack(signatures.build()))
                .build();
    }

    /** Completes a call with what is supplied, or with the error thrown instead. */
    static <T> void answer(StreamObserver<T> answer, Supplier<T> supplier) {
        T value;
        try {
            value = supplier.get();
        } catch (StatusRuntimeException e) {
            answer.onError(e);
            return;
        } catch (RuntimeException e) {
            answer.onError(ServingErrors.of(Status.Code.INTERNAL, e.toString()));
            return;
        }
        answer.onNext(value);
        answer.onCompleted();
    }
}
