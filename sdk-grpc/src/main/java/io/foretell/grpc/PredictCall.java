package io.foretell.grpc;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.grpc.internal.TensorProtos;
import io.foretell.grpc.proto.PredictRequest;
import io.foretell.grpc.proto.PredictResponse;
import io.foretell.transport.CallContext;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One Predict on the wire. gRPC calls it from one thread at a time. */
final class PredictCall extends ClientCall.Listener<PredictResponse> {
    private final TensorFlowServing transport;
    private final ClientCall<PredictRequest, PredictResponse> call;
    private final StreamProgress progress;
    private final CallContext context;
    private final String model;
    private final CompletableFuture<InferenceResponse> result = new CompletableFuture<>();
    private @Nullable PredictResponse message;
    private int messages;

    PredictCall(
            TensorFlowServing transport,
            ClientCall<PredictRequest, PredictResponse> call,
            StreamProgress progress,
            CallContext context,
            String model) {
        this.transport = transport;
        this.call = call;
        this.progress = progress;
        this.context = context;
        this.model = model;
    }

    CompletableFuture<InferenceResponse> start(PredictRequest request) {
        call.start(this, new Metadata());
        call.request(2); // one to have, and one more to see that there is none
        call.sendMessage(request);
        if (progress.messageFramed() && call.isReady()) { // after the half-close gRPC always says no
            context.requestSent();
        }
        call.halfClose();
        // Last: start() may already have ended the call, and writing to one that was cancelled throws.
        result.whenComplete((response, fault) -> {
            if (fault != null) { // the caller gave up; after the end of the call this does nothing
                call.cancel("the caller gave up", null);
            }
        });
        return result;
    }

    /** Comes when the stream has been opened, and when a large message no longer waits in its buffer. */
    @Override
    public void onReady() {
        if (progress.messageFramed()) {
            context.requestSent();
        }
    }

    @Override
    public void onHeaders(Metadata headers) {
        context.requestSent();
        context.responseStarted();
    }

    @Override
    public void onMessage(PredictResponse response) {
        message = response;
        messages++;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (progress.trailersReceived()) {
            context.requestSent();
            context.responseStarted();
        }
        try {
            PredictResponse response = message;
            if (!status.isOk()) {
                result.completeExceptionally(failure(status, trailers));
            } else if (response == null || messages > 1) {
                result.completeExceptionally(failure(
                        status.withDescription("a unary call must be answered by one message, not " + messages),
                        trailers));
            } else {
                result.complete(decode(response));
            }
        } catch (InferenceException malformed) {
            result.completeExceptionally(transport.describe(malformed, model));
        } catch (Throwable fault) {
            result.completeExceptionally(transport
                    .failure(ErrorCategory.INTERNAL, "the answer could not be read: " + fault, model)
                    .cause(fault)
                    .build());
        }
    }

    private InferenceResponse decode(PredictResponse response) {
        Payload payload =
                new Payload.Tensors(TensorProtos.toTensors(response.getOutputsMap(), transport.maxResponseBytes()));
        return InferenceResponse.of(payload)
                .withServedBy(
                        response.getModelSpec().hasVersion()
                                ? Long.toString(
                                        response.getModelSpec().getVersion().getValue())
                                : null);
    }

    private InferenceException failure(Status status, Metadata trailers) {
        GrpcErrors.Meaning meaning = GrpcErrors.meaning(
                status,
                new GrpcErrors.Progress(
                        progress.headersSent(),
                        progress.headersReceived(),
                        progress.trailersReceived(),
                        context.deadline().isExpired(),
                        transport.isClosed()));
        String code = status.getCode().name();
        String said = progress.trailersReceived() ? status.getDescription() : null;
        String text = said == null ? GrpcErrors.withoutDump(status.getDescription()) : said;
        InferenceException.Builder fault = transport
                .failure(meaning.category(), text == null ? code : code + ": " + text, model)
                .retrySafety(meaning.retrySafety())
                .pushback(Pushback.of(status, trailers))
                .transportCode(code)
                .cause(status.getCause())
                .originalStatus(0, said, null);
        if (meaning.maxRetries() != null) {
            fault.maxRetries(meaning.maxRetries());
        }
        return fault.build();
    }
}
