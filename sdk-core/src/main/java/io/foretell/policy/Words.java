package io.foretell.policy;

import java.time.Duration;

/** Settings as short text for people. */
final class Words {
    private static final long MEBI = 1024 * 1024;

    private Words() {}

    /** Such as {@code 50 ms} or {@code 2.5 s}. */
    static String of(Duration duration) {
        return duration.compareTo(Duration.ofSeconds(1)) < 0
                ? number(duration.toNanos() / 1e6) + " ms"
                : number(duration.getSeconds() + duration.getNano() / 1e9) + " s";
    }

    /** A share such as 0.05 as {@code 5 %}. */
    static String percent(double share) {
        return number(Math.round(share * 1e6) / 1e4) + " %";
    }

    /** Such as {@code 64 MiB}. */
    static String bytes(long bytes) {
        return bytes < MEBI ? bytes + " B" : bytes / MEBI + " MiB";
    }

    /** Without a fraction where there is none. */
    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
