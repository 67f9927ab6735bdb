package io.foretell.http;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;

/** Puts in the body, reports progress, and bounds the answer: the SDK itself would read an endless one until memory ends. */
final class ExchangeInterceptor implements ExecutionInterceptor {
    private static final ExecutionAttribute<Boolean> UNREADABLE = new ExecutionAttribute<>("ForetellUnreadable");
    private static final String CODING = "Content-Encoding";
    private static final int FIRST_ERROR = 400;

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

    /** The status of an error says enough without a body that would have to be unpacked. */
    @Override
    public SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        attributes.getAttribute(Exchange.KEY).context().responseStarted();
        SdkHttpResponse response = context.httpResponse();
        if (response.statusCode() < FIRST_ERROR || !packed(response)) {
            return response;
        }
        attributes.putAttribute(UNREADABLE, true);
        return response.toBuilder().removeHeader(CODING).build();
    }

    @Override
    public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        Exchange exchange = attributes.getAttribute(Exchange.KEY);
        boolean dropped = attributes.getAttribute(UNREADABLE) != null;
        Throwable refusal = refusal(context.httpResponse(), exchange);
        return context.responsePublisher()
                .map(body -> new BoundedBody(body, refusal, maxResponseBytes, bytes -> tooLarge(bytes, exchange)))
                .map(body -> dropped ? SdkPublisher.adapt(body).filter(part -> false) : body);
    }

    /** Why a body is not to be read at all; null where it is. */
    private @Nullable Throwable refusal(SdkHttpResponse response, Exchange exchange) {
        if (packed(response)) {
            // The SDK would unpack it, to any size.
            return errors.about(
                            ErrorCategory.PROTOCOL,
                            "the answer with status " + response.statusCode() + " has Content-Encoding "
                                    + coding(response) + ", which was not asked for",
                            exchange.model())
                    .build();
        }
        long announced = announced(response);
        return announced > maxResponseBytes ? tooLarge(announced, exchange) : null;
    }

    private static boolean packed(SdkHttpResponse response) {
        return !coding(response).equalsIgnoreCase("identity");
    }

    private static String coding(SdkHttpResponse response) {
        return response.firstMatchingHeader(CODING).orElse("identity");
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
