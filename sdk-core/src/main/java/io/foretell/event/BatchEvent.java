package io.foretell.event;

import java.util.Objects;

/** A batch left its queue. Immutable. */
public final class BatchEvent {
    private final CallEvent.Source source;
    private final Reason reason;
    private final int items;
    private final long bytes;
    private final long lingerNanos;

    /** For {@link CallListener#batchLeft}. */
    public BatchEvent(CallEvent.Source source, Reason reason, int items, long bytes, long lingerNanos) {
        this.source = Objects.requireNonNull(source, "source");
        this.reason = Objects.requireNonNull(reason, "reason");
        this.items = items;
        this.bytes = bytes;
        this.lingerNanos = lingerNanos;
    }

    /** Where it goes. */
    public CallEvent.Source source() {
        return source;
    }

    /** Why it left now. */
    public Reason reason() {
        return reason;
    }

    /** How many calls are in it. */
    public int items() {
        return items;
    }

    /** The bytes of their inputs, as the codec counts them. */
    public long bytes() {
        return bytes;
    }

    /** How long its first call had been under way, in nanoseconds. */
    public long lingerNanos() {
        return lingerNanos;
    }

    @Override
    public String toString() {
        return source + ": " + items + " items, " + bytes + " B after " + lingerNanos / 1_000 / 1e3 + " ms (" + reason
                + ")";
    }

    /** Why a batch leaves. */
    public enum Reason {
        /** A slot was free, and there was no linger to wait for. */
        SLOT,
        /** It holds as many calls as it may. */
        ITEMS,
        /** It holds as many bytes as it may, or the next input would be too many. */
        BYTES,
        /** Its first call has waited for the whole linger. */
        LINGER,
        /** A call in it has no time for more. */
        DEADLINE,
        /** Somebody flushed, or the queues were full. */
        FLUSH,
        /** The predictor closes. */
        CLOSE
    }
}
