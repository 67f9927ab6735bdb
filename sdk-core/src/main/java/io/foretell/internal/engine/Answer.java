package io.foretell.internal.engine;

import io.foretell.event.Timings;
import io.foretell.transport.Attributes;
import org.jspecify.annotations.Nullable;

/** A call's value and what is known of how it came about. */
public record Answer<O>(
        O value,
        @Nullable String servedBy,
        @Nullable String requestId,
        Attributes attributes,
        int attempts,
        int batchSize,
        Timings timings) {}
