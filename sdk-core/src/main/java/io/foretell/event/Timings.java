package io.foretell.event;

import java.util.Arrays;
import java.util.StringJoiner;

/** How long each {@link Phase} took. Immutable. */
public final class Timings {
    private static final Phase[] PHASES = Phase.values();
    private static final long[] NOTHING = filled();
    private static final Timings NONE = new Timings(NOTHING);

    private final long[] nanos;

    private Timings(long[] nanos) {
        this.nanos = nanos;
    }

    private static long[] filled() {
        long[] nanos = new long[PHASES.length];
        Arrays.fill(nanos, -1);
        return nanos;
    }

    /** No phase yet. */
    public static Timings none() {
        return NONE;
    }

    /** Nanoseconds of a phase; -1 where it did not happen or was not reported. */
    public long nanos(Phase phase) {
        return nanos[phase.ordinal()];
    }

    /** A copy with one phase set; a negative time leaves it as it is. */
    public Timings with(Phase phase, long nanos) {
        if (nanos < 0) {
            return this;
        }
        long[] copy = this.nanos.clone();
        copy[phase.ordinal()] = nanos;
        return new Timings(copy);
    }

    /** Collects phases one by one, for one {@code Timings}. Not thread-safe. */
    public static final class Builder {
        private long[] nanos = NOTHING;

        /** Starts with no phase. */
        public Builder() {}

        /** Sets a phase; a negative time leaves it as it is. */
        public Builder set(Phase phase, long nanos) {
            if (nanos >= 0) {
                this.nanos = this.nanos == NOTHING ? filled() : this.nanos;
                this.nanos[phase.ordinal()] = nanos;
            }
            return this;
        }

        /** The phases; the builder starts anew. */
        public Timings build() {
            Timings built = new Timings(nanos);
            nanos = NOTHING; // until the next phase
            return built;
        }
    }

    /** The phases that happened, in milliseconds. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        for (Phase phase : PHASES) {
            if (nanos(phase) >= 0) {
                text.add(phase.name().toLowerCase(java.util.Locale.ROOT) + " " + nanos(phase) / 1_000 / 1e3 + " ms");
            }
        }
        return text.toString();
    }
}
