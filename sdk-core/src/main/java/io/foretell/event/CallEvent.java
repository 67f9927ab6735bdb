package io.foretell.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The start or the end of a call, a request or an attempt. Immutable; holds no payload. */
public final class CallEvent {
    private final Source source;
    private final long id;
    private final int attempt;
    private final int items;
    private final Reason reason;
    private final Timings timings;
    private final @Nullable Throwable error;

    private CallEvent(
            Source source, long id, int attempt, int items, Reason reason, Timings timings, @Nullable Throwable error) {
        this.source = Objects.requireNonNull(source, "source");
        this.id = id;
        this.attempt = attempt;
        this.items = items;
        this.reason = reason;
        this.timings = Objects.requireNonNull(timings, "timings");
        this.error = error;
    }

    /** A start, of which nothing is known yet but who and what. */
    public static CallEvent started(Source source, long id, int attempt, int items) {
        return new CallEvent(source, id, attempt, items, Reason.FIRST, Timings.none(), null);
    }

    /** The same, of an attempt made for another reason. */
    public CallEvent because(Reason reason) {
        return new CallEvent(source, id, attempt, items, reason, timings, error);
    }

    /** The end that belongs to this start. */
    public CallEvent ended(Timings timings, @Nullable Throwable error) {
        return new CallEvent(source, id, attempt, items, reason, timings, error);
    }

    /** Which predictor this happens in. */
    public Source source() {
        return source;
    }

    /** The number of the call, or of the request, within its predictor. An attempt has its request's number. */
    public long id() {
        return id;
    }

    /** The number of the attempt, from 1; 0 in events of calls. In the end of a request, how many there were. */
    public int attempt() {
        return attempt;
    }

    /** How many items: 1 for a call, the size of the batch for a request or an attempt. */
    public int items() {
        return items;
    }

    /** Why this attempt was made; {@code FIRST} in events of calls and requests. */
    public Reason reason() {
        return reason;
    }

    /** How long it took by phase; empty in a start. */
    public Timings timings() {
        return timings;
    }

    /**
     * Why it failed: an {@link io.foretell.error.InferenceException}, or a
     * {@link java.util.concurrent.CancellationException}. Null in a start, and in the end of a success.
     */
    public @Nullable Throwable error() {
        return error;
    }

    @Override
    public String toString() {
        return source + " #" + id + (attempt == 0 ? "" : "." + attempt)
                + (reason == Reason.FIRST ? "" : " (" + reason + ")") + ", " + items + " items"
                + (error == null ? "" : ": " + error);
    }

    /** Why an attempt is made. */
    public enum Reason {
        /** It is the request's first. */
        FIRST,
        /** One before it failed. Paid by the retry budget. */
        RETRY,
        /** One before it failed and provably never reached the model. Free, at most once in a request. */
        TRANSPARENT,
        /** One before it has no answer yet. Paid by the retry budget and the hedging policy. */
        HEDGE
    }

    /** The names of a transport, for labels. */
    public record Source(
            String protocol, String endpoint, @Nullable String model) {
        @Override
        public String toString() {
            return protocol + " " + endpoint + (model == null ? "" : "/" + model);
        }
    }
}
