package io.foretell.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A run of array slots within one backing array or one little-endian buffer. A tensor is a list of these, so slicing and
 * concatenating move no data.
 *
 * @param backing the array, or a {@link ByteBuffer}
 * @param offset the first slot within it
 */
record Segment(Storage storage, Object backing, int offset, int slots) {

    Segment slice(int from, int count) {
        return new Segment(storage, backing, offset + from, count);
    }

    /** Whether this is a whole array, which may be handed out without a copy. */
    boolean wholeArray() {
        return !(backing instanceof ByteBuffer) && offset == 0 && slots == java.lang.reflect.Array.getLength(backing);
    }

    void copyToArray(int from, Object target, int targetOffset, int count) {
        if (backing instanceof ByteBuffer buffer) {
            storage.get(at(buffer, from), target, targetOffset, count);
        } else {
            System.arraycopy(backing, offset + from, target, targetOffset, count);
        }
    }

    /** Writes at the target's position and moves it. */
    void copyToBuffer(int from, ByteBuffer target, int count) {
        int bytes = count * storage.slotBytes();
        if (backing instanceof ByteBuffer buffer && storage == Storage.BOOLEANS) {
            // Any byte but 0 is true, and true is written as 1.
            for (int i = 0; i < count; i++) {
                target.put((byte) (buffer.get(offset + from + i) == 0 ? 0 : 1));
            }
        } else if (backing instanceof ByteBuffer buffer) {
            ByteBuffer source = at(buffer, from);
            target.put(source.limit(source.position() + bytes));
        } else {
            storage.put(target, backing, offset + from, count);
            target.position(target.position() + bytes);
        }
    }

    private ByteBuffer at(ByteBuffer buffer, int from) {
        return buffer.duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(buffer.position() + (offset + from) * storage.slotBytes());
    }
}
