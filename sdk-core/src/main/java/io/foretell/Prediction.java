package io.foretell;

import io.foretell.event.Timings;
import io.foretell.internal.engine.Answer;
import io.foretell.transport.AttributeKey;
import org.jspecify.annotations.Nullable;

/** A value, and what is known of how it came about. Immutable. */
public final class Prediction<O> {
    private final Answer<O> answer;

    Prediction(Answer<O> answer) {
        this.answer = answer;
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

    /** How many attempts it took, at least 1 unless an interceptor answered. */
    public int attempts() {
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
                + ", " + timings();
    }
}
