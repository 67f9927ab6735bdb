package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.policy.BreakerPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Tensor;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The error table, line by line: how many attempts a failure has, how its call ends, and what the breaker counts. */
@Tag("scorecard")
@Timeout(300)
class ErrorTableRowTest {
    private static final Path TABLE = Path.of("../sdk-core/src/test/resources/io/foretell/error-table.csv");

    /** A line of the table; {@code many} attempts are more than the cap. */
    private record Line(
            String name, InferenceException error, String attempts, String attemptsIfNotIdempotent, String breaker) {
        static Line of(String text) {
            String[] cells = text.split(",");
            InferenceException.Builder error = InferenceException.of(ErrorCategory.valueOf(cells[0]))
                    .retrySafety(RetrySafety.valueOf(cells[1]))
                    .transportCode("code");
            if (!cells[2].isEmpty()) {
                error.maxRetries(Integer.parseInt(cells[2]));
            }
            String name = cells[0] + " " + cells[1] + (cells[2].isEmpty() ? "" : ", retried " + cells[2]);
            return new Line(name, error.build(), cells[3], cells[4], cells[5]);
        }
    }

    @Test
    void table_isKept() throws Exception {
        List<String> lines = Files.readAllLines(TABLE);
        Scorecard.row("A12", "each line of the error table, on idempotent calls and others", row -> {
            row.inject("virtual time").seed(VirtualTarget.SEED);
            int wrong = 0;
            for (Line line : lines.stream().skip(1).map(Line::of).toList()) {
                boolean kept = attemptsAre(line.attempts, line, true)
                        && attemptsAre(line.attemptsIfNotIdempotent, line, false)
                        && breakerCounts(line);
                wrong += kept ? 0 : 1;
                if (!kept) {
                    row.measured("not kept", line.name);
                }
            }
            row.atLeast("lines", 30, lines.size() - 1);
            row.exactly("lines not kept", 0, wrong);
        });
    }

    private static boolean attemptsAre(String expected, Line line, boolean idempotent) {
        VirtualTarget target = new VirtualTarget();
        Ledger ledger = new Ledger(1);
        target.transport.fail(() -> line.error);
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(ledger)
                .idempotent(idempotent)
                .breaker(BreakerPolicy.none())
                .build()) {
            CompletableFuture<?> call = ledger.enter(0, predictor.predictAsync(Target.INPUT));
            target.clock.advance(Duration.ofSeconds(30));
            int attempts = target.transport.sends();
            boolean counted = expected.equals("many") ? attempts > 3 : attempts == Integer.parseInt(expected);
            return counted && call.isDone() && ledger.count(line.error.category()) == 1;
        }
    }

    private static boolean breakerCounts(Line line) {
        CircuitBreaker machine = CircuitBreaker.ofDefaults("watched");
        VirtualTarget target = new VirtualTarget();
        target.transport.fail(() -> line.error);
        try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor = target.predictor(new Ledger(1))
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.of(machine))
                .build()) {
            predictor.predictAsync(Target.INPUT);
        }
        CircuitBreaker.Metrics seen = machine.getMetrics();
        String counted = seen.getNumberOfFailedCalls() == 1
                ? "FAILURE"
                : seen.getNumberOfSuccessfulCalls() == 1 ? "SUCCESS" : "NONE";
        return counted.equals(line.breaker);
    }
}
