package io.foretell.testing;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a direction has read and not forwarded yet, in the pieces it came in; bounded. Lives on the proxy's thread. */
final class HeldBytes {
    private static final int LIMIT = 256 * 1024;

    private final Queue<Piece> pieces = new ArrayDeque<>();
    private int size;

    /**
     * What came with one reading.
     *
     * @param arrived in nanoseconds of the system's clock
     * @param luck from 0 to 1: how much of the jitter it gets
     */
    record Piece(ByteBuffer bytes, long arrived, double luck) {}

    /** How many bytes more it takes. */
    int room() {
        return LIMIT - size;
    }

    /** Adds a copy of the bytes, as there is room for. */
    void add(ByteBuffer bytes, long arrived, double luck) {
        size += bytes.remaining();
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        pieces.add(new Piece(copy, arrived, luck));
    }

    /** The oldest piece, which has bytes left; null if nothing is held. */
    @Nullable
    Piece first() {
        return pieces.peek();
    }

    /** So many bytes of the first piece are gone. */
    void taken(int bytes) {
        size -= bytes;
        Piece first = pieces.peek();
        if (first != null && !first.bytes().hasRemaining()) {
            pieces.remove();
        }
    }

    void clear() {
        pieces.clear();
        size = 0;
    }
}
