package io.foretell.scorecard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lincheck needs to be inside the core, so its models are tests there; this row is what they came to in the same build. */
@Tag("scorecard")
class ModelRowTest {
    private static final Pattern SUITE = Pattern.compile(
            "<testsuite[^>]* tests=\"(\\d+)\" errors=\"(\\d+)\" skipped=\"(\\d+)\" failures=\"(\\d+)\"");

    @Test
    void allModels_anySchedule_areRight() throws Exception {
        Path reports = Scorecard.root().resolve("sdk-core/target/surefire-reports");
        List<Path> models = models(reports);
        Assumptions.assumeFalse(models.isEmpty(), "the core's tests are not part of this build, so no G5");
        Scorecard.row(
                "G5",
                "Lincheck on the retry budget, the permits with their queue, the batches' queues and the breaker's glue",
                row -> {
                    row.inject("Lincheck").anchor("resilience4j", "jcstress on its bulkhead alone");
                    int[] sums = new int[4];
                    for (Path model : models) {
                        Matcher suite = SUITE.matcher(Files.readString(model));
                        row.holds(model.getFileName() + " says how it went", suite.find());
                        for (int i = 0; i < sums.length; i++) {
                            sums[i] += Integer.parseInt(suite.group(i + 1));
                        }
                    }
                    row.exactly("models' classes", 4, models.size());
                    row.atLeast("models checked", 8, sums[0]);
                    row.exactly("errors", 0, sums[1]);
                    row.exactly("skipped", 0, sums[2]);
                    row.exactly("failures", 0, sums[3]);
                });
    }

    private static List<Path> models(Path reports) throws IOException {
        if (!Files.isDirectory(reports)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(reports)) {
            return files.filter(file -> file.getFileName().toString().matches("TEST-.*ModelTest\\.xml"))
                    .toList();
        }
    }
}
