package io.foretell.http;

import io.foretell.transport.CallContext;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;

/** One request on its way: its body, who signs it, what is wanted back, and to whom its progress is reported. */
record Exchange(
        ByteBuffer body,
        ResolvedCredentials credentials,
        boolean asTensors,
        @Nullable String model,
        CallContext context) {
    static final ExecutionAttribute<Exchange> KEY = new ExecutionAttribute<>("ForetellExchange");
}
