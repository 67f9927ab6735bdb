package io.foretell.transport;

import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a codec writes and a transport carries: named tensors, or bytes of a media type. Immutable as long as the arrays
 * and buffers beneath do not change. Never prints its content.
 */
public sealed interface Payload {
    /** The two kinds of payload. */
    enum Kind {
        /** {@link Tensors}. */
        TENSORS,
        /** {@link Bytes}. */
        BYTES
    }

    /** Which of the two this is. */
    Kind kind();

    /** How many bytes of content it holds, before a transport frames them. */
    long byteLength();

    /** Named tensors, in the order given. */
    record Tensors(Map<String, Tensor> tensors) implements Payload {
        public Tensors {
            tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        }

        @Override
        public Kind kind() {
            return Kind.TENSORS;
        }

        @Override
        public long byteLength() {
            long[] bytes = new long[1]; // a walk without an iterator: this is on every request's way
            tensors.forEach((name, tensor) ->
                    bytes[0] += tensor.dtype() == DType.STRING ? textBytes(tensor) : tensor.byteLength());
            return bytes[0];
        }

        private static long textBytes(Tensor tensor) {
            long bytes = 0;
            for (byte[] text : tensor.byteStrings()) {
                bytes += text.length;
            }
            return bytes;
        }

        /** The names with dtypes and shapes. */
        @Override
        public String toString() {
            return tensors.toString();
        }
    }

    /**
     * The remaining bytes of a buffer, and their media type such as {@code application/json}. The accessor gives a
     * read-only view with a position of its own.
     */
    record Bytes(String mediaType, ByteBuffer content) implements Payload {
        public Bytes {
            Objects.requireNonNull(mediaType, "mediaType");
            content = content.asReadOnlyBuffer();
        }

        /** The whole of the array, which is not copied. */
        public static Bytes of(String mediaType, byte[] content) {
            return new Bytes(mediaType, ByteBuffer.wrap(content));
        }

        @Override
        public ByteBuffer content() {
            return content.duplicate();
        }

        /** The bytes in a new array. */
        public byte[] toByteArray() {
            byte[] copy = new byte[content.remaining()];
            content().get(copy);
            return copy;
        }

        @Override
        public Kind kind() {
            return Kind.BYTES;
        }

        @Override
        public long byteLength() {
            return content.remaining();
        }

        /** The media type and the number of bytes. */
        @Override
        public String toString() {
            return mediaType + ", " + content.remaining() + " bytes";
        }
    }
}
