package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.PredictorBuilder;
import io.foretell.codec.TensorCodecs;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.metrics.LatencySnapshot;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cases of an error table, each of them one call of a predictor of its own that always meets the same failure. What is
 * expected of it reads {@code OVERLOADED 3}: the category, and how many attempts reached the server. {@code CONNECT 4 (1
 * free), 0 arrived} tells apart the attempt that rule R8 gives away, and what the server has seen.
 */
final class TableCases {
    /** Enough for an answer of it to be cut off within. */
    static final Map<String, Tensor> INPUT = Map.of("x", Tensor.of(new float[2_000]));

    /** The defaults, but for the waits. */
    private static final RetryPolicy RETRIES = RetryPolicy.defaults().toBuilder()
            .baseBackoff(Duration.ofMillis(1))
            .throttledBackoff(Duration.ofMillis(1))
            .build();

    /** For a case that the AWS SDK keeps back. */
    private static final int TRIES = 5;

    /** For a request that was given up to be counted all the same. */
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private final LongSupplier requests;
    private final List<String> wrong = new ArrayList<>();
    private final Map<Long, List<String>> theirs = new TreeMap<>(Comparator.reverseOrder());
    private int cases;

    /** Cases whose requests are counted by this. */
    TableCases(LongSupplier requests) {
        this.requests = requests;
    }

    /** Makes one call and holds it against what the table says. */
    void expect(String name, String expected, Transport transport) {
        expect(name, expected, transport, builder -> builder);
    }

    /** The same with a setting of its own. */
    void expect(
            String name,
            String expected,
            Transport transport,
            UnaryOperator<PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>>> settings) {
        cases++;
        LatencyRecorder recorder = new LatencyRecorder();
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                settings.apply(quick(transport).listener(recorder)).build()) {
            int tries = 1;
            while (!meets(name, expected, predictor, recorder) && tries++ < TRIES) {
                recorder.reset();
            }
            if (tries > TRIES) {
                wrong.add(name + ": kept back " + TRIES + " times for " + expected);
            }
        }
    }

    /** False where the AWS SDK kept a refused connection to itself, which it does at times: then it says nothing. */
    private boolean meets(
            String name,
            String expected,
            Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor,
            LatencyRecorder recorder) {
        long before = requests.getAsLong();
        InferenceException failure = failure(predictor);
        if (failure != null && isKeptBack(failure)) {
            return false;
        }
        String end = failure == null ? "answered" : failure.category().name();
        if (!Eventually.holds(() -> seen(end, recorder.snapshot(), before).equals(expected), MOMENT)) {
            wrong.add(name + ": " + seen(end, recorder.snapshot(), before) + " for " + expected);
        }
        return true;
    }

    /** Its time-out for a connection is all that comes of it, see docs/decisions/0006. */
    private static boolean isKeptBack(InferenceException failure) {
        return Stream.of(failure.getSuppressed())
                .anyMatch(error -> error instanceof InferenceException attempt
                        && attempt.category() == ErrorCategory.LOCAL_REJECTED);
    }

    private static PredictorBuilder<Map<String, Tensor>, Map<String, Tensor>> quick(Transport transport) {
        return Predictor.builder(TensorCodecs.tensors())
                .transport(transport)
                .retry(RETRIES)
                .breaker(BreakerPolicy.none()); // what it refuses would blur the counts
    }

    private static @Nullable InferenceException failure(Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor) {
        try {
            predictor.predict(INPUT);
            return null;
        } catch (InferenceException e) {
            return e;
        }
    }

    private String seen(String end, LatencySnapshot ours, long before) {
        long arrived = requests.getAsLong() - before;
        String free = ours.transparentAttempts() == 0 ? "" : " (" + ours.transparentAttempts() + " free)";
        String missing = arrived == ours.attempts() ? "" : ", " + arrived + " arrived";
        return end + " " + ours.attempts() + free + missing;
    }

    /** What an alternative made of the same failure. */
    void theirs(String name, long attempts) {
        theirs.computeIfAbsent(attempts, each -> new ArrayList<>()).add(name);
    }

    /** Enters all cases into the row. */
    void report(Row row, String alternative) {
        row.judge(
                cases + " cases as the table says",
                wrong.isEmpty() ? cases + " cases" : String.join("; ", wrong),
                wrong.isEmpty());
        row.anchor(
                alternative,
                theirs.entrySet().stream()
                        .map(each -> each.getKey() + " for " + names(each.getKey(), each.getValue()))
                        .collect(Collectors.joining("; ", "attempts ", "")));
    }

    private static String names(long attempts, List<String> names) {
        return attempts == 1 ? names.size() + " others" : String.join(", ", names);
    }
}
