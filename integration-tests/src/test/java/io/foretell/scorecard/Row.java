package io.foretell.scorecard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line of the scorecard while it is filled. Not thread-safe. */
public final class Row {
    private final String id;
    private final String what;
    private final boolean timed;
    private final List<String> expected = new ArrayList<>();
    private final List<String> measured = new ArrayList<>();
    private final List<String> anchors = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private String seed = "";
    private String inject = "";
    private boolean late;

    /** A row whose times are judged or only told. */
    Row(String id, String what, boolean timed) {
        this.id = id;
        this.what = what;
        this.timed = timed;
    }

    /** What the row's random choices follow from. Said at once, so that a run that hangs can be repeated as well. */
    public Row seed(long seed) {
        this.seed = Long.toString(seed);
        System.out.println("scorecard " + id + ", " + what + ": seed " + seed);
        return this;
    }

    /** How the fault is made, such as {@code sandbox}, {@code proxy} or {@code virtual time}. */
    public Row inject(String how) {
        this.inject = how;
        return this;
    }

    /** What an alternative did in the same run. */
    public Row anchor(String which, Object figure) {
        anchors.add(text(figure) + " (" + which + ")");
        return this;
    }

    /** A figure that is told and not judged. */
    public Row measured(String name, Object figure) {
        measured.add(name + " " + text(figure));
        return this;
    }

    /** A count that must be exact. */
    public Row exactly(String name, long wanted, long counted) {
        return judge(name + " = " + wanted, name + " " + counted, counted == wanted);
    }

    /** A count, a share or a ratio that must not be exceeded. */
    public Row atMost(String name, double bound, double counted) {
        return judge(name + " <= " + text(bound), name + " " + text(counted), counted <= bound);
    }

    /** A count, a share or a ratio that must be reached. */
    public Row atLeast(String name, double bound, double counted) {
        return judge(name + " >= " + text(bound), name + " " + text(counted), counted >= bound);
    }

    /** A fact that must hold. */
    public Row holds(String fact, boolean found) {
        return judge(fact, fact + ": " + (found ? "yes" : "no"), found);
    }

    /** A wish in words, and what was found. */
    Row judge(String wish, String found, boolean met) {
        expected.add(wish);
        measured.add(found);
        if (!met) {
            failures.add("expected " + wish + " but found " + found);
        }
        return this;
    }

    /** A time that makes the row late where it is exceeded. The quick tier tells it and expects nothing of it. */
    public Row within(String name, Duration bound, Duration time) {
        if (timed) {
            expected.add(name + " <= " + text(bound));
            late |= time.compareTo(bound) > 0;
        }
        return measured(name, time);
    }

    /** A size or a rate that is judged as a time is. */
    Row within(String name, double bound, double figure) {
        if (timed) {
            expected.add(name + " <= " + text(bound));
            late |= figure > bound;
        }
        return measured(name, figure);
    }

    /** Notes that the row could not be filled. */
    void broken(Throwable cause) {
        failures.add(cause.toString());
        measured.add(cause.getClass().getSimpleName());
    }

    void requireCounts() {
        if (!failures.isEmpty()) {
            String seeded = seed.isEmpty() ? "" : " (seed " + seed + ")";
            throw new AssertionError(
                    id + ", " + what + seeded + ":\n" + String.join("\n", failures) + "\nmeasured " + measured());
        }
    }

    /** {@code yes}, {@code late} where counts are right and a time is not, else {@code no}. */
    String pass() {
        return !failures.isEmpty() ? "no" : late ? "late" : "yes";
    }

    /** The columns, in the order of {@link ScorecardFormat#COLUMNS}. */
    List<String> columns() {
        return List.of(
                id, what, String.join("; ", expected), measured(), String.join("; ", anchors), pass(), seed, inject);
    }

    private String measured() {
        return String.join("; ", measured);
    }

    String what() {
        return what;
    }

    /** Sorts A9 before A10. */
    String order() {
        StringBuilder order = new StringBuilder();
        for (String part : id.split("(?<=\\D)(?=\\d)|(?<=\\d)(?=\\D)")) {
            order.append(Character.isDigit(part.charAt(0)) ? "0".repeat(Math.max(0, 6 - part.length())) : "")
                    .append(part);
        }
        return order.toString();
    }

    private static String text(Object figure) {
        if (figure instanceof Duration time) {
            return text(time.toNanos() / 1e6) + " ms";
        }
        if (figure instanceof Double number) {
            String digits = String.format(Locale.ROOT, "%.3f", number);
            return digits.replaceFirst("\\.?0+$", "");
        }
        return String.valueOf(figure);
    }
}
