package io.foretell.http;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointResponse;

/** Turns what the AWS SDK hands back, answer or failure, into the library's own terms. Thread-safe. */
final class SageMakerAnswers {
    private static final String UNKNOWN_TYPE = "application/octet-stream";

    private final SageMakerErrors errors;
    private final SageMakerConnection connection;
    private final @Nullable TensorFormat tensors;

    SageMakerAnswers(SageMakerErrors errors, SageMakerConnection connection, @Nullable TensorFormat tensors) {
        this.errors = errors;
        this.connection = connection;
        this.tensors = tensors;
    }

    /** Cancelling the future handed out cancels the SDK's, which ends the exchange. */
    CompletableFuture<InferenceResponse> of(CompletableFuture<InvokeEndpointResponse> answered, Exchange exchange) {
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        answered.whenComplete((response, fault) -> {
            try {
                if (fault != null) {
                    fail(answer, errors.of(fault, exchange.model()), exchange);
                } else {
                    answer.complete(answer(response, exchange));
                }
            } catch (RuntimeException e) {
                answer.completeExceptionally(errors.of(e, exchange.model()));
            }
        });
        answer.whenComplete((response, fault) -> {
            if (answer.isCancelled()) {
                answered.cancel(true);
            }
        });
        return answer;
    }

    /** Expired credentials are worth another attempt only where that would be signed with others. */
    private void fail(CompletableFuture<InferenceResponse> answer, InferenceException error, Exchange exchange) {
        if (error.category() != ErrorCategory.AUTH_EXPIRED) {
            answer.completeExceptionally(error);
            return;
        }
        connection
                .renewed(exchange.credentials())
                .whenComplete((renewed, fault) ->
                        answer.completeExceptionally(fault == null && renewed ? error : errors.stillExpired(error)));
    }

    private InferenceResponse answer(InvokeEndpointResponse response, Exchange exchange) {
        Payload.Bytes body = Payload.Bytes.of(
                Objects.requireNonNullElse(response.contentType(), UNKNOWN_TYPE),
                response.body() == null ? new byte[0] : response.body().asByteArrayUnsafe());
        InferenceResponse answer = (exchange.asTensors()
                        ? InferenceResponse.reading(() -> read(body, exchange.model()))
                        : InferenceResponse.of(body))
                .withServedBy(response.invokedProductionVariant())
                .withRequestId(response.responseMetadata().requestId());
        String said = response.customAttributes();
        return said == null || !SageMakerRules.isCustomAttributes(said)
                ? answer
                : answer.with(SageMaker.CUSTOM_ATTRIBUTES, said);
    }

    private Payload read(Payload.Bytes body, @Nullable String model) {
        try {
            return Objects.requireNonNull(tensors, "tensors are read by the format they were written in")
                    .read(body);
        } catch (RuntimeException e) {
            throw errors.unread(e, model);
        }
    }
}
