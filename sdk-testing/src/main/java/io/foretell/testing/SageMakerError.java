package io.foretell.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Why the sandbox answers an invocation with an error, and the answer. */
final class SageMakerError extends Exception {
    private static final long serialVersionUID = 1L;
    private static final JsonFactory JSON = new JsonFactory();
    static final String ACCOUNT = "000000000000";

    private final int status;
    private final @Nullable String type;
    private final String body;

    SageMakerError(int status, @Nullable String type, String body) {
        // An answer, not an accident: nobody looks at its stack trace.
        super(type, null, false, false);
        this.status = status;
        this.type = type;
        this.body = body;
    }

    /** An error of the service itself. */
    static SageMakerError of(int status, String type, String message) {
        return new SageMakerError(status, type, json(json -> json.writeStringField("message", message)));
    }

    /** The container's error, as the service hands it on. */
    static SageMakerError model(String region, String endpoint, int originalStatus, String originalMessage) {
        boolean ofClient = originalStatus < 500;
        String group = "/aws/sagemaker/Endpoints/" + endpoint;
        String message = ("Received %s error (%d) from primary with message \"%s\". See"
                        + " https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#logEventViewer:group=%s in account %s"
                        + " for more information.")
                .formatted(
                        ofClient ? "client" : "server",
                        originalStatus,
                        originalMessage,
                        region,
                        region,
                        group,
                        ACCOUNT);
        String body = json(json -> {
            json.writeStringField("ErrorCode", ofClient ? "CLIENT_ERROR_FROM_MODEL" : "INTERNAL_FAILURE_FROM_MODEL");
            json.writeStringField("LogStreamArn", "arn:aws:logs:" + region + ":" + ACCOUNT + ":log-group:" + group);
            json.writeStringField("Message", message);
            json.writeStringField("OriginalMessage", originalMessage);
            json.writeNumberField("OriginalStatusCode", originalStatus);
        });
        return new SageMakerError(424, "ModelError", body);
    }

    private static String json(Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    int status() {
        return status;
    }

    /** For the header {@code x-amzn-errortype}; null leaves it out. */
    @Nullable
    String type() {
        return type;
    }

    String body() {
        return body;
    }
}
