package io.foretell.testing;

import io.foretell.grpc.proto.GetModelStatusRequest;
import io.foretell.grpc.proto.GetModelStatusResponse;
import io.foretell.grpc.proto.ModelServiceGrpc;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.grpc.proto.ModelVersionStatus;
import io.foretell.grpc.proto.StatusProto;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.Set;

/** The sandbox's ModelService: every version is available from the start. */
final class StatusHandler extends ModelServiceGrpc.ModelServiceImplBase {
    private final ModelCatalog catalog;

    StatusHandler(ModelCatalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public void getModelStatus(GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> answer) {
        PredictionHandler.answer(answer, () -> status(request.getModelSpec()));
    }

    private GetModelStatusResponse status(ModelSpec spec) {
        GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
        for (long version : versions(spec)) {
            response.addModelVersionStatusBuilder()
                    .setVersion(version)
                    .setState(ModelVersionStatus.State.AVAILABLE)
                    .setStatus(StatusProto.getDefaultInstance());
        }
        return response.build();
    }

    /** The version asked for, or all, the latest first. */
    private Collection<Long> versions(ModelSpec spec) {
        Long version = catalog.version(spec);
        Set<Long> known = catalog.versions(spec.getName()).descendingKeySet();
        if (version != null && !known.contains(version)) {
            throw ServingErrors.of(
                    Status.Code.NOT_FOUND, "Could not find version " + version + " of model " + spec.getName());
        }
        if (known.isEmpty()) {
            throw ServingErrors.of(Status.Code.NOT_FOUND, "Could not find any versions of model " + spec.getName());
        }
        return version == null ? known : Set.of(version);
    }
}
