package io.foretell.benchmarks.batching;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures beside their alternatives and goals. */
final class Table {
    private static final List<String> HEAD =
            List.of("what", "foretell", "queue", "gax", "limit", "ratio", "goal", "met");

    private final List<List<String>> rows = new ArrayList<>(List.of(HEAD));

    /** What each way reached, and what cannot be surpassed; then that is what the goal is relative to. */
    record Figures(
            double foretell,
            double queue,
            double gax,
            @Nullable Double limit) {
        double judged() {
            return limit == null ? foretell : foretell / limit;
        }

        Figures over(double other) {
            return new Figures(foretell / other, queue / other, gax / other, null);
        }
    }

    void atMost(double goal, String what, Figures figures) {
        add(what, figures, "<= " + number(goal), yes(figures.judged() <= goal));
    }

    void atLeast(double goal, String what, Figures figures) {
        add(what, figures, ">= " + number(goal), yes(figures.judged() >= goal));
    }

    /** Without a goal. */
    void shown(String what, Figures figures) {
        add(what, figures, "", "");
    }

    private void add(String what, Figures figures, String goal, String met) {
        Double limit = figures.limit;
        rows.add(List.of(
                what,
                number(figures.foretell),
                number(figures.queue),
                number(figures.gax),
                limit == null ? "" : number(limit),
                limit == null ? "" : number(figures.judged()),
                goal,
                met));
    }

    private static String yes(boolean met) {
        return met ? "yes" : "no";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
    }

    void print(PrintStream out) {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(String.format("%-46s", row.get(0)));
            for (String cell : row.subList(1, row.size())) {
                line.append(String.format("%11s", cell));
            }
            out.println(line);
        }
    }

    void write(Path csv) throws IOException {
        Files.createDirectories(csv.toAbsolutePath().getParent());
        Files.write(csv, rows.stream().map(row -> String.join(",", row)).toList());
    }
}
