package io.foretell;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.Attributes;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What makes two calls the same: the user's key, and what the calls ask of the transport. Knows its hash. */
final class CallKey {
    private final Object value;
    private final Attributes attributes;
    private final @Nullable Boolean idempotent;
    private final int hash;

    private CallKey(Object value, CallOptions options) {
        this.value = value;
        this.attributes = options.attributes();
        this.idempotent = options.idempotent();
        this.hash = 31 * value.hashCode() + attributes.hashCode();
    }

    static <I> CallKey of(Function<? super I, ?> function, I input, CallOptions options) {
        Object value = function.apply(input);
        if (value == null) {
            throw InferenceException.of(ErrorCategory.INVALID_REQUEST)
                    .message("the key function gave null")
                    .build();
        }
        return new CallKey(value, options);
    }

    /** What a call fails with where the user's function or key has thrown. It does not show the input. */
    static InferenceException failure(RuntimeException fault) {
        return fault instanceof InferenceException known
                ? known
                : InferenceException.of(ErrorCategory.INVALID_REQUEST)
                        .message("the key function or its key threw "
                                + fault.getClass().getName())
                        .cause(fault)
                        .build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CallKey that
                && hash == that.hash
                && attributes.equals(that.attributes)
                && Objects.equals(idempotent, that.idempotent)
                && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
