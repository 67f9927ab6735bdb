package io.foretell.scorecard;

import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.ModelSpec;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.grpc.proto.PredictionServiceGrpc;
import io.foretell.tensor.Tensor;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Generated stubs with gRPC's own retries, by a service config such as its guide shows. */
final class GrpcAnchor implements Anchor {
    private static final Map<String, ?> RETRIES = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of("service", PredictionServiceGrpc.SERVICE_NAME)),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            4.0,
                            "initialBackoff",
                            "0.1s",
                            "maxBackoff",
                            "1s",
                            "backoffMultiplier",
                            2.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    private final ManagedChannel channel;
    private final PredictRequest request;
    private final Duration deadline;

    GrpcAnchor(String target, String model, Map<String, Tensor> inputs, Duration deadline) {
        this.deadline = deadline;
        this.channel = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
                .defaultServiceConfig(RETRIES)
                .build();
        PredictRequest.Builder building =
                PredictRequest.newBuilder().setModelSpec(ModelSpec.newBuilder().setName(model));
        inputs.forEach((name, tensor) -> building.putInputs(name, TensorProtos.toProto(tensor)));
        this.request = building.build();
    }

    @Override
    public String name() {
        return "gRPC's retries";
    }

    @Override
    public CompletableFuture<?> call() {
        ClientCall<PredictRequest, PredictResponse> call = channel.newCall(
                PredictionServiceGrpc.getPredictMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
        CompletableFuture<PredictResponse> answer = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(call, request, new StreamObserver<PredictResponse>() {
            @Override
            public void onNext(PredictResponse value) {
                answer.complete(value);
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {}
        });
        answer.whenComplete((value, error) -> {
            if (answer.isCancelled()) {
                call.cancel("the caller gave up", null);
            }
        });
        return answer;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
