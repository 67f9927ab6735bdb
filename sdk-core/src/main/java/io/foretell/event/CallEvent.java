package io.foretell.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The start or the end of a call, a request or an attempt. Immutable; holds no payload. */
public final class CallEvent {
    private final Source source;
    private final long id;
    private final int attempt;
    private final int items;
    private final Timings timings;
    private final @Nullable Throwable error;

    private CallEvent(Source source, long id, int attempt, int items, Timings timings, @Nullable Throwable error) {
        this.source = Objects.requireNonNull(source, "source");
        this.id = id;
        this.attempt = attempt;
        this.items = items;
        this.timings = Objects.requireNonNull(timings, "timings");
        this.error = error;
    }

    /** A start, of which nothing is known yet but who and what. */
    public static CallEvent started(Source source, long id, int attempt, int items) {
        return new CallEvent(source, id, attempt, items, Timings.none(), null);
    }

    /** The end that belongs to this start. */
    public CallEvent ended(Timings timings, @Nullable Throwable error) {
        return new CallEvent(source, id, attempt, items, timings, error);
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
        return source + " #" + id + (attempt == 0 ? "" : "." + attempt) + ", " + items + " items"
                + (error == null ? "" : ": " + error);
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
