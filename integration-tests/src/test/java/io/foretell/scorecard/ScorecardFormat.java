package io.foretell.scorecard;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The scorecard as text: for machines with commas, for people as a table. */
final class ScorecardFormat {
    static final List<String> COLUMNS =
            List.of("id", "what", "expected", "measured", "anchor", "pass", "seed", "inject");

    /** The widths of the table's columns; what is longer goes on in the next line. */
    private static final int[] WIDTHS = {5, 26, 34, 34, 36, 4, 12, 9};

    private ScorecardFormat() {}

    /** With a header line; quoted where a value needs it. */
    static String csv(List<Row> rows) {
        return lines(rows).stream()
                .map(line -> line.stream().map(ScorecardFormat::quoted).collect(Collectors.joining(",")))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static List<List<String>> lines(List<Row> rows) {
        List<List<String>> lines = new ArrayList<>(List.of(COLUMNS));
        rows.forEach(row -> lines.add(row.columns()));
        return lines;
    }

    private static String quoted(String value) {
        return value.matches("[^\",\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
    }

    /** The same in columns of fixed width, and how many rows passed. */
    static String table(List<Row> rows) {
        StringBuilder table = new StringBuilder();
        lines(rows).forEach(line -> append(table, line.stream().toList()));
        return table.append(rows.size())
                .append(" rows: ")
                .append(tally(rows))
                .append('\n')
                .toString();
    }

    private static String tally(List<Row> rows) {
        return List.of("yes", "late", "no").stream()
                .map(pass ->
                        rows.stream().filter(row -> row.pass().equals(pass)).count() + " " + pass)
                .collect(Collectors.joining(", "));
    }

    private static void append(StringBuilder table, List<String> values) {
        List<List<String>> cells = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            cells.add(wrapped(values.get(i), WIDTHS[i]));
        }
        int height = cells.stream().mapToInt(List::size).max().orElse(0);
        for (int line = 0; line < height; line++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < WIDTHS.length; i++) {
                List<String> cell = cells.get(i);
                String part = line < cell.size() ? cell.get(line) : "";
                text.append(part).append(" ".repeat(WIDTHS[i] - part.length())).append("  ");
            }
            table.append(text.toString().stripTrailing()).append('\n');
        }
        table.append('\n');
    }

    /** Lines of at most a width, broken at spaces, and within a word only where it is longer than that. */
    private static List<String> wrapped(String value, int width) {
        List<String> lines = new ArrayList<>();
        String rest = value;
        while (rest.length() > width) {
            int space = rest.lastIndexOf(' ', width);
            int end = space > 0 ? space : width;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }
}
