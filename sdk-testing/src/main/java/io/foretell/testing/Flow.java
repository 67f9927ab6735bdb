package io.foretell.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * One direction of a connection. It is open until its source has ended and all it held was forwarded; then it passes the
 * end on, as a FIN. A cut passes the end on early: what comes after it is read and dropped. All is decided where bytes
 * leave, so that a fault hits exactly the byte it names. When the target takes no more, the source is soon read no more.
 * Lives on the proxy's thread.
 */
final class Flow {
    static final long NEVER = Long.MAX_VALUE;

    private final ProxyConnection connection;
    private final SocketChannel source;
    private final SocketChannel target;
    private final LongAdder forwarded;
    private final RandomGenerator random;
    private final HeldBytes held = new HeldBytes();
    private boolean sourceEnded;
    private boolean targetEnded;
    private boolean targetFull;
    private boolean pausing;
    private long wakeAt;

    private final List<ArmedFault> armed = new ArrayList<>();
    private boolean stalled;
    private boolean corrupting;
    private long delay;
    private long jitter;
    private Pace pace = Pace.unlimited(System.nanoTime());

    Flow(
            ProxyConnection connection,
            SocketChannel source,
            SocketChannel target,
            LongAdder forwarded,
            RandomGenerator random) {
        this.connection = connection;
        this.source = source;
        this.target = target;
        this.forwarded = forwarded;
        this.random = random;
    }

    /** Waits for these faults from now on, and lifts all there were. */
    void arm(List<ArmedFault> faults) {
        armed.clear();
        armed.addAll(faults);
        stalled = false;
        corrupting = false;
        delay(0, 0);
        pace = Pace.unlimited(System.nanoTime());
    }

    void requestBegan() {
        armed.forEach(ArmedFault::requestBegan);
    }

    /** Reads what there is and there is room for. */
    void read(ByteBuffer scratch) throws IOException {
        if (!wantsToRead()) {
            return;
        }
        scratch.clear().limit(Math.min(scratch.capacity(), targetEnded ? scratch.capacity() : held.room()));
        int count = source.read(scratch);
        sourceEnded = count < 0;
        if (count > 0 && !targetEnded) {
            held.add(scratch.flip(), System.nanoTime(), random.nextDouble());
        }
    }

    /** Forwards what may go now. */
    void write() throws IOException {
        targetFull = false;
        pausing = false;
        while (!connection.isClosed() && !targetEnded && writeOnce()) {
            // on to the next piece, or the next fault's moment
        }
    }

    private boolean writeOnce() throws IOException {
        HeldBytes.Piece piece = held.first();
        if (piece != null) {
            connection.forwarding(this);
        }
        beginFaults(piece != null);
        if (stalled || targetEnded || connection.isClosed()) {
            return false;
        }
        if (piece == null) {
            if (sourceEnded) {
                cut();
            }
            return false;
        }
        return isTimeFor(piece) && write(piece);
    }

    private void beginFaults(boolean byteWaits) throws IOException {
        for (Iterator<ArmedFault> faults = armed.iterator(); faults.hasNext() && !connection.isClosed(); ) {
            ArmedFault fault = faults.next();
            if (fault.isDue(byteWaits) && !fault.begin(this)) {
                faults.remove();
            }
        }
    }

    private boolean isTimeFor(HeldBytes.Piece piece) {
        long now = System.nanoTime();
        long delayed = piece.arrived() + delay + (long) (piece.luck() * jitter) - now;
        long pause = Math.max(delayed, pace.pause(now));
        pausing = pause > 0;
        wakeAt = now + pause;
        return !pausing;
    }

    /** Writes up to the next fault's moment; false when the target takes no more. */
    private boolean write(HeldBytes.Piece piece) throws IOException {
        ByteBuffer bytes = piece.bytes();
        if (corrupting) {
            bytes.put(bytes.position(), (byte) ~bytes.get(bytes.position()));
            corrupting = false;
        }
        int most = (int) Math.min(bytes.remaining(), room());
        int count = writeUpTo(most, bytes);
        held.taken(count);
        pace.gone(count, System.nanoTime());
        armed.forEach(fault -> fault.forwarded(count));
        connection.forwarded(this);
        targetFull = count < most;
        return !targetFull;
    }

    private int writeUpTo(int most, ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        int count = 0;
        forwarded.add(most); // first, so that no side has read a byte that is not counted yet
        try {
            count = target.write(bytes.limit(bytes.position() + most));
            return count;
        } finally {
            bytes.limit(end);
            forwarded.add(count - most);
        }
    }

    private long room() {
        return armed.stream().mapToLong(ArmedFault::room).reduce(pace.room(), Math::min);
    }

    // The effects of faults.

    void reset() {
        connection.reset();
    }

    /** Passes an end on to the target. */
    void cut() throws IOException {
        held.clear();
        targetEnded = true;
        target.shutdownOutput();
    }

    void stall() {
        stalled = true;
    }

    void delay(long delay, long jitter) {
        this.delay = delay;
        this.jitter = jitter;
    }

    void pace(long portion, long interval) {
        pace = new Pace(portion, interval, System.nanoTime());
    }

    void corrupt() {
        corrupting = true;
    }

    // What to wait for.

    boolean wantsToRead() {
        return !sourceEnded && (targetEnded || !stalled && held.room() > 0);
    }

    boolean wantsToWrite() {
        return targetFull;
    }

    /** In how many nanoseconds there is something to forward; {@link #NEVER} if only the sockets tell. */
    long pause(long now) {
        return pausing ? wakeAt - now : NEVER;
    }

    /** Whether the source has ended and the target has been told. */
    boolean isOver() {
        return sourceEnded && targetEnded;
    }
}
