package io.foretell.http;

import io.foretell.transport.CallContext;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;

/** One request on its way: its body, and to whom its progress is reported. */
record Exchange(
        ByteBuffer body, CallContext context, @Nullable String model) {
    static final ExecutionAttribute<Exchange> KEY = new ExecutionAttribute<>("ForetellExchange");
}
