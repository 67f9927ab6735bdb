package io.foretell.testing;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox does to a request instead of, or before, answering it. Immutable.
 *
 * @param status the gRPC code's name ({@code UNAVAILABLE}) or the HTTP status ({@code 503}); null to answer as usual
 * @param errorType SageMaker's error type, sent as {@code x-amzn-errortype}; null for none, unused by gRPC
 * @param message the status message of gRPC, or the whole HTTP body
 * @param delay how long to wait first
 * @param times how many requests it takes
 * @param pushback how long the error asks the client to wait before it tries again, sent as {@code x-amz-retry-after} or
 *     {@code grpc-retry-pushback-ms}; null where it does not say
 */
public record Fault(
        @Nullable String status,
        @Nullable String errorType,
        String message,
        Duration delay,
        int times,
        @Nullable Duration pushback) {
    /** Answers one request with an error. */
    public static Fault status(String status, String message) {
        return new Fault(status, null, message, Duration.ZERO, 1, null);
    }

    /** Answers one request with a typed error of SageMaker's. */
    public static Fault error(int httpStatus, String errorType, String body) {
        return new Fault(Integer.toString(httpStatus), errorType, body, Duration.ZERO, 1, null);
    }

    /** Answers one request as usual, but later. */
    public static Fault delay(Duration delay) {
        return new Fault(null, null, "", delay, 1, null);
    }

    /** Leaves one request without an answer, for as long as the client waits. */
    public static Fault silence() {
        return delay(ChronoUnit.YEARS.getDuration());
    }

    /** The same, for this many requests. */
    public Fault times(int times) {
        return new Fault(status, errorType, message, delay, times, pushback);
    }

    /** The same, but later. */
    public Fault after(Duration delay) {
        return new Fault(status, errorType, message, delay, times, pushback);
    }

    /** The same error, asking the client to wait before it tries again; by gRPC, a negative wait forbids it. */
    public Fault pushback(Duration pushback) {
        return new Fault(status, errorType, message, delay, times, Objects.requireNonNull(pushback, "pushback"));
    }
}
