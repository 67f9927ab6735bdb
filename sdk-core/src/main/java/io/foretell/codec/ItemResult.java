package io.foretell.codec;

import io.foretell.error.InferenceException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One item's value, or its error. Immutable. */
public final class ItemResult<O> {
    private final @Nullable O value;
    private final @Nullable InferenceException error;

    private ItemResult(@Nullable O value, @Nullable InferenceException error) {
        this.value = value;
        this.error = error;
    }

    /** A value. */
    public static <O> ItemResult<O> of(O value) {
        return new ItemResult<>(Objects.requireNonNull(value, "value"), null);
    }

    /** An error of this item alone. */
    public static <O> ItemResult<O> failed(InferenceException error) {
        return new ItemResult<>(null, Objects.requireNonNull(error, "error"));
    }

    /**
     * The value.
     *
     * @throws InferenceException the error, where there is no value
     */
    public O value() {
        if (value == null) {
            throw Objects.requireNonNull(error);
        }
        return value;
    }

    /** The error; null where there is a value. */
    public @Nullable InferenceException error() {
        return error;
    }

    /** Says whether this is a value or an error, never the value itself. */
    @Override
    public String toString() {
        return error == null ? "a value" : "failed: " + error;
    }
}
