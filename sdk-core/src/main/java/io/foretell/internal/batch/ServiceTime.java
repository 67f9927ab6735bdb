package io.foretell.internal.batch;

/**
 * How long a batch usually takes: a smoothed mean and deviation, as TCP estimates round trips (RFC 6298). Written by the
 * owner of a queue.
 */
final class ServiceTime {
    private long mean = -1;
    private long deviation;

    void record(long nanos) {
        if (mean < 0) {
            mean = nanos;
            deviation = nanos / 2;
        } else {
            deviation += (Math.abs(nanos - mean) - deviation) / 4;
            mean += (nanos - mean) / 8;
        }
    }

    /** What nearly all take no longer than; of a time that is all that is known, half. */
    long expected(long timeLeft) {
        return mean < 0 ? timeLeft / 2 : mean + 4 * deviation;
    }
}
