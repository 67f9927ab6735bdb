package io.foretell.policy;

import java.time.Duration;
import java.util.Objects;

/** Argument checks that name the argument and its value. */
final class Checks {
    private Checks() {}

    static int atLeast(int least, int value, String name) {
        return (int) atLeast((long) least, value, name);
    }

    static long atLeast(long least, long value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " < " + least + ": " + value);
        }
        return value;
    }

    /** A finite number of at least zero. */
    static double notNegative(double value, String name) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " not a finite number >= 0: " + value);
        }
        return value;
    }

    /** Above zero and at most {@code most}. */
    static double within(double most, double value, String name) {
        if (!(value > 0 && value <= most)) {
            throw new IllegalArgumentException(name + " not in (0, " + most + "]: " + value);
        }
        return value;
    }

    static Duration positive(Duration value, String name) {
        if (Objects.requireNonNull(value, name).isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " not positive: " + value);
        }
        return value;
    }

    static Duration millis(Duration value, String name) {
        if (Objects.requireNonNull(value, name).toMillis() < 1) {
            throw new IllegalArgumentException(name + " < 1 ms: " + value);
        }
        return value;
    }
}
