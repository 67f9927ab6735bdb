package io.foretell;

import io.foretell.error.InferenceException;
import io.foretell.event.CallEvent;
import io.foretell.event.Timings;
import io.foretell.internal.engine.Answer;
import io.foretell.transport.AttributeKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value, and what is known of how it came about. Immutable. */
public final class Prediction<O> {
    private final Answer<O> answer;
    private final @Nullable InferenceException fallbackFor;

    Prediction(Answer<O> answer) {
        this(answer, null);
    }

    private Prediction(Answer<O> answer, @Nullable InferenceException fallbackFor) {
        this.answer = answer;
        this.fallbackFor = fallbackFor;
    }

    Prediction<O> inPlaceOf(InferenceException failure) {
        return new Prediction<>(answer, failure);
    }

    /** The value. */
    public O value() {
        return answer.value();
    }

    /** The model version or variant that answered; null where the server does not tell. */
    public @Nullable String servedBy() {
        return answer.servedBy();
    }

    /** The server's id of the request; null if it gave none. */
    public @Nullable String requestId() {
        return answer.requestId();
    }

    /**
     * The failure in whose place this stands, see {@link Predictor#withFallback(Object)}; null for what the model that was
     * asked has answered.
     */
    public @Nullable InferenceException fallbackFor() {
        return fallbackFor;
    }

    /** How many attempts it took, hedges included; at least 1 unless an interceptor answered or it is a fallback value. */
    public int attempts() {
        return answer.attempts().size();
    }

    /** Why each of the attempts was made, in their order. Unmodifiable. */
    public List<CallEvent.Reason> attemptReasons() {
        return answer.attempts();
    }

    /** How many items shared the request. */
    public int batchSize() {
        return answer.batchSize();
    }

    /** How long it took, by phase. */
    public Timings timings() {
        return answer.timings();
    }

    /** A fact that the transport's answer carried, or null. */
    public <T> @Nullable T get(AttributeKey<T> key) {
        return answer.attributes().get(key);
    }

    /** How it came about, without the value. */
    @Override
    public String toString() {
        return "attempts " + attempts() + ", batch of " + batchSize() + (servedBy() == null ? "" : ", by " + servedBy())
                + (fallbackFor == null ? "" : ", fallback for " + fallbackFor.category()) + ", " + timings();
    }
}
