package io.foretell.scorecard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the client promises, beside what was measured, and what its alternatives did in the same run. Written to {@code
 * scorecard.csv} and {@code scorecard.txt} in the root's {@code target} after each row, so a row that fails or hangs
 * takes none of the others with it.
 *
 * <p><b>To add a row</b>, write a test that is tagged {@code scorecard} in any class of this module:
 *
 * <pre>{@code
 * @Tag("scorecard")
 * class RetryRowsTest {
 *     @Test
 *     void outage_ofOneCall_costsThreeRequests() throws Exception {
 *         Scorecard.row("A6", "one call, always 503", row -> {
 *             row.inject("sandbox").anchor(gRPC.name(), "4 requests");
 *             row.exactly("requests", 3, server.requests());           // counts and order fail the build
 *             row.within("end", Duration.ofMillis(300), took);         // times make a row late, nothing more
 *         });
 *     }
 * }
 * }</pre>
 *
 * <p>A row that puts load on a server draws it from {@link OpenLoad} and keeps its books in a {@link Ledger}. What is
 * random takes a seed and says it by {@link Row#seed}. Use {@link #quick} to choose between the tiers: the quick one is
 * part of {@code ./mvnw verify} and takes seconds a row; the full one is {@code ./mvnw -Pscorecard verify}, where a row that
 * runs over both protocols shares its minute between them, so that all of it stays under 40. Times are
 * judged in the full tier only, unless they are virtual, which makes them counts.
 *
 * <p>Thread-safe.
 */
public final class Scorecard {
    /** How long a guard waits for what must happen before it takes it for lost. Not a figure of any row. */
    static final Duration GUARD = Duration.ofSeconds(60);

    private static final boolean FULL = "full".equals(System.getProperty("scorecard.tier"));
    private static final Path FOLDER = Path.of(System.getProperty("scorecard.folder", "target"));
    private static final List<Row> ROWS = new ArrayList<>();

    private Scorecard() {}

    /** What a row does to fill itself. */
    @FunctionalInterface
    public interface Check {
        /** Runs the fault and the load, and gives the row its figures. What is thrown makes the row a failed one. */
        void fill(Row row) throws Exception;
    }

    /** The root of the project that is being built. */
    static Path root() {
        return FOLDER.toAbsolutePath().getParent();
    }

    /** Whether this is the full tier. */
    public static boolean full() {
        return FULL;
    }

    /** The first in the quick tier, the second in the full one. */
    public static <T> T quick(T quick, T full) {
        return FULL ? full : quick;
    }

    /**
     * Fills a row and writes it down.
     *
     * @param id the row's name in the list of promises, such as {@code A6}
     * @param what the fault and the load, in words
     * @throws AssertionError if a count was not as expected
     */
    public static void row(String id, String what, Check check) throws Exception {
        Row row = new Row(id, what, FULL);
        try {
            check.fill(row);
        } catch (Exception | Error e) {
            row.broken(e);
            throw e;
        } finally {
            add(row);
        }
        row.requireCounts();
    }

    private static synchronized void add(Row row) throws IOException {
        ROWS.add(row);
        ROWS.sort(Comparator.comparing(Row::order).thenComparing(Row::what));
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve("scorecard.csv"), ScorecardFormat.csv(ROWS));
        Files.writeString(FOLDER.resolve("scorecard.txt"), ScorecardFormat.table(ROWS));
    }

    /** The table of all rows so far; empty while there are none. */
    static synchronized String table() {
        return ROWS.isEmpty() ? "" : ScorecardFormat.table(ROWS);
    }
}
