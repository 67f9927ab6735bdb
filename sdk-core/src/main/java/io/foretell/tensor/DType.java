package io.foretell.tensor;

/**
 * The type of a tensor's elements. Every TensorFlow type whose values can travel has one constant; resource handles and
 * variants exist only inside a running model and have none. The order of the constants carries no meaning.
 */
public enum DType {
    /** IEEE 754 half precision; kept as its 16 bits. */
    FLOAT16(2, Storage.SHORTS),
    /** The upper 16 bits of a single-precision float; kept as those bits. */
    BFLOAT16(2, Storage.SHORTS),
    /** IEEE 754 single precision. */
    FLOAT32(4, Storage.FLOATS),
    /** IEEE 754 double precision. */
    FLOAT64(8, Storage.DOUBLES),
    /** Two single-precision floats, real then imaginary. */
    COMPLEX64(8, Storage.FLOATS),
    /** Two double-precision floats, real then imaginary. */
    COMPLEX128(16, Storage.DOUBLES),
    /** Signed 8 bits. */
    INT8(1, Storage.BYTES),
    /** Signed 16 bits. */
    INT16(2, Storage.SHORTS),
    /** Signed 32 bits. */
    INT32(4, Storage.INTS),
    /** Signed 64 bits. */
    INT64(8, Storage.LONGS),
    /** Unsigned 8 bits; kept as the same bits in a signed array. */
    UINT8(1, Storage.BYTES),
    /** Unsigned 16 bits; kept as the same bits in a signed array. */
    UINT16(2, Storage.SHORTS),
    /** Unsigned 32 bits; kept as the same bits in a signed array. */
    UINT32(4, Storage.INTS),
    /** Unsigned 64 bits; kept as the same bits in a signed array. */
    UINT64(8, Storage.LONGS),
    /** True or false, one byte each: 1 or 0; read, any other byte is true as well. */
    BOOL(1, Storage.BOOLEANS),
    /** A sequence of bytes of any length, usually UTF-8 text. */
    STRING(0, Storage.STRINGS),
    /** Quantized signed 8 bits. */
    QINT8(1, Storage.BYTES),
    /** Quantized signed 16 bits. */
    QINT16(2, Storage.SHORTS),
    /** Quantized signed 32 bits. */
    QINT32(4, Storage.INTS),
    /** Quantized unsigned 8 bits. */
    QUINT8(1, Storage.BYTES),
    /** Quantized unsigned 16 bits. */
    QUINT16(2, Storage.SHORTS),
    /** Eight-bit float with 5 exponent and 2 mantissa bits, as raw bits. */
    FLOAT8_E5M2(1, Storage.BYTES),
    /** Eight-bit float with 4 exponent and 3 mantissa bits, no infinities, as raw bits. */
    FLOAT8_E4M3FN(1, Storage.BYTES),
    /** Signed 4 bits, one value a byte. */
    INT4(1, Storage.BYTES),
    /** Unsigned 4 bits, one value a byte. */
    UINT4(1, Storage.BYTES);

    private final int byteSize;
    private final Storage storage;

    DType(int byteSize, Storage storage) {
        this.byteSize = byteSize;
        this.storage = storage;
    }

    /** The bytes that one element takes in a buffer; 0 for {@link #STRING}, whose elements differ in length. */
    public int byteSize() {
        return byteSize;
    }

    Storage storage() {
        return storage;
    }

    /** How many array slots one element takes: two for complex numbers, else one. */
    int slots() {
        return this == COMPLEX64 || this == COMPLEX128 ? 2 : 1;
    }
}
