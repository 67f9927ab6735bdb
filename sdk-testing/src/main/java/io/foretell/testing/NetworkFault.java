package io.foretell.testing;

import java.io.IOException;
import java.time.Duration;

/**
 * What a {@link FaultProxy} does to the bytes of a connection: an effect, the directions it is for, and the moment it
 * begins. Immutable.
 *
 * <pre>{@code
 * reset().afterRequests(10).withProbability(0.3)   // 30 % of the connections end at their 11th request
 * reset().onRequest(0.05)                          // each request is reset with 5 %, before the server sees it
 * reset().toClient().onRequest(0.05)               // the same, after the server has answered it
 * truncate(1_000)                                  // the client gets 1,000 bytes and then the end
 * trickle(1, Duration.ofSeconds(1)).toClient()     // answers at a byte a second
 * }</pre>
 *
 * <p><b>Direction.</b> A fault is for both directions unless {@link #toServer()} or {@link #toClient()} says otherwise;
 * each direction then waits for the moment by itself.
 *
 * <p><b>Moment.</b> A fault begins at once, after some bytes of its direction, or with a request; with both given, after
 * so many bytes from the request on. {@link #delay}, {@link #bandwidth}, {@link #trickle} and {@link #stall} then stay;
 * of two paces the one that began last holds, and so it is with delays.
 *
 * <p><b>Requests</b> are told by the taking of turns: one begins with the first byte to the server after a byte to the
 * client, and with the connection's first byte. That is right for protocols that have one request under way on a
 * connection, as HTTP/1.1. Under TLS the handshake's turns count too; under HTTP/2 the numbers mean little.
 */
public final class NetworkFault {
    private final String name;
    private final Effect effect;
    private final Moment moment;
    private final boolean toServer;
    private final boolean toClient;
    private final double probability;

    /** What happens to a direction. */
    interface Effect {
        void begin(Flow flow) throws IOException;
    }

    /**
     * When it begins.
     *
     * @param byRequest whether it begins with a request
     * @param requests how many requests are let through first
     * @param chance that a request after those is the one, from 0 to 1
     * @param repeats whether later requests begin it again
     * @param bytes how many bytes are let through first, from the request on if it begins with one
     */
    record Moment(boolean byRequest, long requests, double chance, boolean repeats, long bytes) {
        static final Moment AT_ONCE = new Moment(false, 0, 1, false, 0);
    }

    private NetworkFault(
            String name, Effect effect, Moment moment, boolean toServer, boolean toClient, double probability) {
        this.name = name;
        this.effect = effect;
        this.moment = moment;
        this.toServer = toServer;
        this.toClient = toClient;
        this.probability = probability;
    }

    private static NetworkFault of(String name, Effect effect) {
        return new NetworkFault(name, effect, Moment.AT_ONCE, true, true, 1);
    }

    /** Ends the connection with a TCP reset to both sides. Bytes that a side has not read yet may be lost with it. */
    public static NetworkFault reset() {
        return of("reset", Flow::reset);
    }

    /**
     * Ends a direction as if its sender had closed it: with a FIN, after what has been forwarded. What the sender sends
     * after that is read and dropped.
     */
    public static NetworkFault fin() {
        return of("fin", Flow::cut);
    }

    /** The answer is cut off: the client gets exactly so many bytes, and then the end. */
    public static NetworkFault truncate(long bytes) {
        return fin().toClient().afterBytes(bytes);
    }

    /**
     * Forwards nothing and reads nothing, while the connection stands: a black hole. The sender's writes stop when the
     * kernel's buffers are full. Nothing is lost: once the fault is lifted, all goes on. Until then neither side learns
     * that the other has gone.
     */
    public static NetworkFault stall() {
        return of("stall", Flow::stall);
    }

    /** Accepts connections, and never reads from them. */
    public static NetworkFault noRead() {
        return stall().toServer();
    }

    /** Holds back all bytes for so long; see {@link #delay(Duration, Duration)}. */
    public static NetworkFault delay(Duration delay) {
        return delay(delay, Duration.ZERO);
    }

    /**
     * Holds back what comes in one piece for the delay and, evenly spread, up to the jitter more. The order stays. At most
     * 256 KiB are under way in a direction, so a delay bounds the throughput as well.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public static NetworkFault delay(Duration delay, Duration jitter) {
        if (delay.isNegative() || jitter.isNegative()) {
            throw new IllegalArgumentException("negative delay or jitter: " + delay + ", " + jitter);
        }
        return of("delay " + delay + " + " + jitter, flow -> flow.delay(delay.toNanos(), jitter.toNanos()));
    }

    /**
     * Forwards so many bytes each second, in pieces of a hundredth of it.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public static NetworkFault bandwidth(long bytesPerSecond) {
        atLeast("bytesPerSecond", bytesPerSecond, 1);
        long piece = Math.max(1, bytesPerSecond / 100);
        long interval = Math.round(1e9 * piece / bytesPerSecond);
        return of("bandwidth " + bytesPerSecond + " B/s", flow -> flow.pace(piece, interval));
    }

    /**
     * Forwards so many bytes at a time, and then nothing for the interval.
     *
     * @throws IllegalArgumentException if the bytes are fewer than 1, or the interval is not positive
     */
    public static NetworkFault trickle(long bytes, Duration interval) {
        atLeast("bytes", bytes, 1);
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval is not positive: " + interval);
        }
        return of("trickle " + bytes + " B per " + interval, flow -> flow.pace(bytes, interval.toNanos()));
    }

    /** Inverts the bits of one byte: with {@code afterBytes(n)} of the byte at index n. */
    public static NetworkFault corrupt() {
        return of("corrupt", Flow::corrupt);
    }

    /** For the bytes from the client to the server only. */
    public NetworkFault toServer() {
        return new NetworkFault(name, effect, moment, true, false, probability);
    }

    /** For the bytes from the server to the client only. */
    public NetworkFault toClient() {
        return new NetworkFault(name, effect, moment, false, true, probability);
    }

    /**
     * Begins when exactly so many bytes have been forwarded: since the fault was given or, if it is one that a request
     * begins, since that.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public NetworkFault afterBytes(long bytes) {
        return at(new Moment(
                moment.byRequest(), moment.requests(), moment.chance(), moment.repeats(), atLeast("bytes", bytes, 0)));
    }

    /**
     * Begins with the request that comes after so many: towards the server before the request's first byte, towards the
     * client before the first byte of its answer.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public NetworkFault afterRequests(long requests) {
        return at(new Moment(true, atLeast("requests", requests, 0), 1, false, moment.bytes()));
    }

    /**
     * Begins with each request, with this probability; where in it as with {@link #afterRequests}.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public NetworkFault onRequest(double probability) {
        return at(new Moment(true, 0, share(probability), true, moment.bytes()));
    }

    /**
     * Only for this share of the connections, drawn for each from the proxy's seed; 1 unless set.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public NetworkFault withProbability(double probability) {
        return new NetworkFault(name, effect, moment, toServer, toClient, share(probability));
    }

    private NetworkFault at(Moment moment) {
        return new NetworkFault(name, effect, moment, toServer, toClient, probability);
    }

    private static long atLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " < " + least + ": " + value);
        }
        return value;
    }

    private static double share(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability not within 0 and 1: " + probability);
        }
        return probability;
    }

    Effect effect() {
        return effect;
    }

    Moment moment() {
        return moment;
    }

    boolean isToServer() {
        return toServer;
    }

    boolean isToClient() {
        return toClient;
    }

    double probability() {
        return probability;
    }

    @Override
    public String toString() {
        String direction = toServer && toClient ? "" : toServer ? " to server" : " to client";
        return name + direction + " " + moment + (probability < 1 ? " with probability " + probability : "");
    }
}
