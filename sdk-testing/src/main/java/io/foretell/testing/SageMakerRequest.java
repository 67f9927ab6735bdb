package io.foretell.testing;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that has wholly arrived.
 *
 * @param bodyBytes how long the body was; the array has no more of it than the sandbox takes
 */
record SageMakerRequest(HttpRequest head, byte[] body, long bodyBytes) {
    String path() {
        return head.uri().split("\\?", 2)[0];
    }

    @Nullable
    String header(String name) {
        return head.headers().get(name);
    }

    /** The same, as the signature's check wants it. */
    SigV4Verifier.Request signed() {
        HttpHeaders headers = head.headers();
        Map<String, List<String>> byName = new HashMap<>();
        headers.forEach(
                header -> byName.computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                        .add(header.getValue()));
        return new SigV4Verifier.Request(head.method().name(), head.uri(), byName, body);
    }
}
