package io.foretell.internal.engine;

import io.foretell.event.CallEvent;
import io.foretell.event.Timings;
import io.foretell.transport.Attributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call's value and what is known of how it came about. */
public record Answer<O>(
        O value,
        @Nullable String servedBy,
        @Nullable String requestId,
        Attributes attributes,
        List<CallEvent.Reason> attempts,
        int batchSize,
        Timings timings) {}
