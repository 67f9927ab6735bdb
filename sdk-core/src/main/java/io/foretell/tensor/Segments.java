package io.foretell.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The array slots of a tensor, in order, wherever they lie. */
record Segments(Storage storage, List<Segment> list, long slots) {
    private static final int CHUNK_BYTES = 8192;

    static Segments of(Segment only) {
        return new Segments(only.storage(), List.of(only), only.slots());
    }

    static Segments joined(List<Segments> parts) {
        List<Segment> all = new ArrayList<>(parts.size());
        long slots = 0;
        for (Segments part : parts) {
            all.addAll(part.list);
            slots += part.slots;
        }
        return new Segments(parts.get(0).storage, List.copyOf(all), slots);
    }

    Segments cut(long from, long count) {
        List<Segment> parts = new ArrayList<>(1);
        long start = 0;
        for (Segment segment : list) {
            long first = Math.max(from, start) - start;
            long last = Math.min(from + count, start + segment.slots()) - start;
            if (first < last) {
                parts.add(segment.slice((int) first, (int) (last - first)));
            }
            start += segment.slots();
        }
        return new Segments(storage, List.copyOf(parts), count);
    }

    /** All slots in one array: the backing one where it holds just these, else a new one. */
    Object array() {
        if (list.size() == 1 && list.get(0).wholeArray()) {
            return list.get(0).backing();
        }
        Object array = storage.create(Math.toIntExact(slots));
        int filled = 0;
        for (Segment segment : list) {
            segment.copyToArray(0, array, filled, segment.slots());
            filled += segment.slots();
        }
        return array;
    }

    /** Writes all slots as little-endian bytes at the target's position, which moves. */
    void copyTo(ByteBuffer target) {
        ByteOrder order = target.order();
        target.order(ByteOrder.LITTLE_ENDIAN);
        try {
            for (Segment segment : list) {
                segment.copyToBuffer(0, target, segment.slots());
            }
        } finally {
            target.order(order);
        }
    }

    /** Whether the same bits are in both, which hold as many slots of the same storage. */
    boolean sameContent(Segments other) {
        if (storage == Storage.STRINGS) {
            return Arrays.deepEquals((byte[][]) array(), (byte[][]) other.array());
        }
        ByteBuffer mine = ByteBuffer.allocate(CHUNK_BYTES);
        ByteBuffer theirs = ByteBuffer.allocate(CHUNK_BYTES);
        for (long from = 0; from < slots; from += chunk(from)) {
            cut(from, chunk(from)).copyTo(mine.clear());
            other.cut(from, chunk(from)).copyTo(theirs.clear());
            if (!mine.flip().equals(theirs.flip())) {
                return false;
            }
        }
        return true;
    }

    int contentHash() {
        if (storage == Storage.STRINGS) {
            return Arrays.deepHashCode((byte[][]) array());
        }
        int hash = 1;
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
        for (long from = 0; from < slots; from += chunk(from)) {
            cut(from, chunk(from)).copyTo(bytes.clear());
            hash = 31 * hash + bytes.flip().hashCode();
        }
        return hash;
    }

    private int chunk(long from) {
        return (int) Math.min(CHUNK_BYTES / storage.slotBytes(), slots - from);
    }
}
