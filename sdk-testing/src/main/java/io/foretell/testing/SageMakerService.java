package io.foretell.testing;

import io.foretell.transport.Payload;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the service does with a request, whatever connection it came by. Thread-safe. */
final class SageMakerService {
    private static final Pattern INVOCATIONS = Pattern.compile("/endpoints/([^/]+)/invocations");
    private static final String PREFIX = "X-Amzn-SageMaker-";

    private final Map<String, BytesModel> endpoints;
    private final String region;
    private final int maxRequestBytes;
    private final Executor executor;
    private final FaultQueue faults = new FaultQueue();
    private final LongAdder requests = new LongAdder();
    private final LongAdder closedByClient = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private volatile SigV4Verifier verifier;
    private volatile boolean closing;

    SageMakerService(
            Map<String, BytesModel> endpoints,
            SigV4Verifier verifier,
            String region,
            int maxRequestBytes,
            Executor executor) {
        this.endpoints = Map.copyOf(endpoints);
        this.verifier = verifier;
        this.region = region;
        this.maxRequestBytes = maxRequestBytes;
        this.executor = executor;
    }

    /** Passes what is of a size and signed, and no other. */
    void admit(SageMakerRequest request) throws SageMakerError {
        if (request.bodyBytes() > maxRequestBytes) {
            throw SageMakerError.of(
                    413,
                    "RequestEntityTooLargeException",
                    "content length of %d exceeded %d bytes".formatted(request.bodyBytes(), maxRequestBytes));
        }
        verifier.verify(request.signed());
    }

    /** Another key takes the place of the one so far. */
    synchronized void rotate(String accessKey, String secretKey) {
        verifier = verifier.rotated(accessKey, secretKey);
    }

    SigV4Verifier verifier() {
        return verifier;
    }

    /** Answers an admitted request in a fault's way. */
    SageMakerAnswer play(Fault fault, SageMakerRequest request) {
        String status = fault.status();
        if (status == null) {
            return invoke(request);
        }
        SageMakerAnswer answer =
                SageMakerAnswer.error(new SageMakerError(Integer.parseInt(status), fault.errorType(), fault.message()));
        Duration pushback = fault.pushback();
        return pushback == null ? answer : answer.with("x-amz-retry-after", Long.toString(pushback.toMillis()));
    }

    /** Answers an admitted request by the endpoint's model. */
    SageMakerAnswer invoke(SageMakerRequest request) {
        try {
            String endpoint = endpoint(request);
            BytesModel model = endpoints.get(endpoint);
            if (model == null) {
                throw SageMakerError.of(
                        400,
                        "ValidationError",
                        "Endpoint %s of account %s not found.".formatted(endpoint, SageMakerError.ACCOUNT));
            }
            return new SageMakerAnswer(200, headers(request), run(endpoint, model, request));
        } catch (SageMakerError error) {
            return SageMakerAnswer.error(error);
        }
    }

    private static String endpoint(SageMakerRequest request) throws SageMakerError {
        Matcher path = INVOCATIONS.matcher(request.path());
        if (!path.matches()) {
            throw SageMakerError.of(404, "UnknownOperationException", "no operation at " + request.path());
        }
        if (!request.head().method().equals(HttpMethod.POST)) {
            throw SageMakerError.of(
                    405,
                    "UnknownOperationException",
                    "no operation " + request.head().method());
        }
        return path.group(1);
    }

    private Payload.Bytes run(String endpoint, BytesModel model, SageMakerRequest request) throws SageMakerError {
        String mediaType = request.header("Content-Type");
        Payload.Bytes input =
                Payload.Bytes.of(mediaType == null ? "application/octet-stream" : mediaType, request.body());
        try {
            return sendable(Objects.requireNonNull(model.run(input), "the model gave no answer"));
        } catch (UnsupportedMediaType e) {
            throw SageMakerError.model(region, endpoint, 415, text(e));
        } catch (IllegalArgumentException e) {
            throw SageMakerError.model(region, endpoint, 400, text(e));
        } catch (Throwable e) {
            throw SageMakerError.model(region, endpoint, 500, text(e));
        }
    }

    /** The media type becomes a header, which not every text can be. */
    private static Payload.Bytes sendable(Payload.Bytes answer) {
        if (answer.mediaType().chars().anyMatch(letter -> letter < ' ' || letter > '~')) {
            throw new IllegalStateException("the model's media type is no header value: " + answer.mediaType());
        }
        return answer;
    }

    private static String text(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? thrown.getClass().getSimpleName() : message;
    }

    private static Map<String, String> headers(SageMakerRequest request) {
        Map<String, String> headers = new HashMap<>();
        String variant = request.header(PREFIX + "Target-Variant");
        headers.put("x-Amzn-Invoked-Production-Variant", variant == null ? "AllTraffic" : variant);
        String attributes = request.header(PREFIX + "Custom-Attributes");
        if (attributes != null) {
            headers.put(PREFIX + "Custom-Attributes", attributes);
        }
        return headers;
    }

    /** Counts a connection that has ended. */
    void disconnected(boolean unanswered) {
        if (closing) {
            return;
        }
        closedByClient.increment();
        if (unanswered) {
            abandoned.increment();
        }
    }

    /** From here on it is the server that ends connections. */
    void close() {
        closing = true;
    }

    Executor executor() {
        return executor;
    }

    FaultQueue faults() {
        return faults;
    }

    LongAdder requests() {
        return requests;
    }

    LongAdder closedByClient() {
        return closedByClient;
    }

    LongAdder abandoned() {
        return abandoned;
    }
}
