package io.foretell.http;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Puts in the body, reports progress, and bounds the answer: the SDK itself would read an endless one until memory ends. */
final class ExchangeInterceptor implements ExecutionInterceptor {
    private final SageMakerErrors errors;
    private final long maxResponseBytes;

    ExchangeInterceptor(SageMakerErrors errors, long maxResponseBytes) {
        this.errors = errors;
        this.maxResponseBytes = maxResponseBytes;
    }

    @Override
    public Optional<AsyncRequestBody> modifyAsyncHttpContent(
            Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
        ByteBuffer body = attributes.getAttribute(Exchange.KEY).body();
        return Optional.of(AsyncRequestBody.fromRemainingByteBufferUnsafe(body));
    }

    /** The last that the SDK tells of the way out: the request is signed and goes to the HTTP engine. */
    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
        attributes.getAttribute(Exchange.KEY).context().requestSent();
    }

    @Override
    public SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        attributes.getAttribute(Exchange.KEY).context().responseStarted();
        return context.httpResponse();
    }

    @Override
    public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        Exchange exchange = attributes.getAttribute(Exchange.KEY);
        Throwable refusal = refusal(context.httpResponse(), exchange);
        return context.responsePublisher()
                .map(body -> new BoundedBody(body, refusal, maxResponseBytes, bytes -> tooLarge(bytes, exchange)));
    }

    /** Why a body is not to be read at all; null where it is. */
    private @Nullable Throwable refusal(SdkHttpResponse response, Exchange exchange) {
        String coding = response.firstMatchingHeader("Content-Encoding").orElse("identity");
        if (!coding.equalsIgnoreCase("identity")) {
            // The SDK would unpack it, to any size.
            return errors.about(
                            ErrorCategory.PROTOCOL,
                            "the answer with status " + response.statusCode() + " has Content-Encoding " + coding
                                    + ", which was not asked for",
                            exchange.model())
                    .build();
        }
        long announced = announced(response);
        return announced > maxResponseBytes ? tooLarge(announced, exchange) : null;
    }

    private InferenceException tooLarge(long bytes, Exchange exchange) {
        return errors.about(
                        ErrorCategory.PAYLOAD_TOO_LARGE,
                        "the answer has " + bytes + " bytes or more, maxResponseBytes is " + maxResponseBytes,
                        exchange.model())
                .retrySafety(RetrySafety.UNSAFE)
                .build();
    }

    private static long announced(SdkHttpResponse response) {
        try {
            return response.firstMatchingHeader("Content-Length")
                    .map(Long::parseLong)
                    .orElse(-1L);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
