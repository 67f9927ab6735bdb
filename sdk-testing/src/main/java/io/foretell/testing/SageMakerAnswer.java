package io.foretell.testing;

import io.foretell.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What goes back: the status, the headers beside the usual ones, and the body. */
record SageMakerAnswer(int status, Map<String, String> headers, Payload.Bytes body) {
    static SageMakerAnswer error(SageMakerError error) {
        String type = error.type();
        Map<String, String> headers = type == null ? Map.of() : Map.of("x-amzn-errortype", type);
        byte[] body = error.body().getBytes(StandardCharsets.UTF_8);
        return new SageMakerAnswer(error.status(), headers, Payload.Bytes.of("application/json", body));
    }

    /** A copy with one more header. */
    SageMakerAnswer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new SageMakerAnswer(status, more, body);
    }
}
