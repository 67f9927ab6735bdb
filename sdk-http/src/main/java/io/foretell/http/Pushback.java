package io.foretell.http;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpResponse;

/** How long an answer asks to wait before another attempt. What is malformed counts as not said; an hour is the most. */
final class Pushback {
    private static final String MILLIS = "x-amz-retry-after";
    private static final String SECONDS_OR_DATE = "Retry-After";
    private static final Duration MOST = Duration.ofHours(1);
    /** So many digits fit a long. */
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    private Pushback() {}

    /** What AWS's own header says, as the finer one; else what HTTP's does; null where neither is of use. */
    static @Nullable Duration of(SdkHttpResponse answer) {
        return number(answer, MILLIS)
                .map(Pushback::millis)
                .or(() -> number(answer, SECONDS_OR_DATE).map(Pushback::seconds))
                .or(() -> untilDate(answer))
                .orElse(null);
    }

    private static Optional<Long> number(SdkHttpResponse answer, String header) {
        return answer.firstMatchingHeader(header)
                .map(String::trim)
                .filter(NUMBER.asMatchPredicate())
                .map(Long::valueOf);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(Math.min(millis, MOST.toMillis()));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(Math.min(seconds, MOST.toSeconds()));
    }

    /** By the server's own clock, which is the one it names the date by. */
    private static Optional<Duration> untilDate(SdkHttpResponse answer) {
        return date(answer, SECONDS_OR_DATE)
                .flatMap(then -> date(answer, "Date").map(now -> seconds(secondsBetween(now, then))));
    }

    private static long secondsBetween(Instant now, Instant then) {
        return Math.max(0, then.getEpochSecond() - now.getEpochSecond());
    }

    private static Optional<Instant> date(SdkHttpResponse answer, String header) {
        return answer.firstMatchingHeader(header).flatMap(Pushback::parsed);
    }

    private static Optional<Instant> parsed(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text.trim(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
