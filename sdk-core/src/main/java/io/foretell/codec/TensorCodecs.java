package io.foretell.codec;

import io.foretell.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Ready codecs between Java types and named tensors. All are thread-safe and keep no state.
 *
 * <p>A batch of n items becomes tensors with a leading dimension of n, and an answer must have that dimension in every
 * tensor that is read; row i belongs to item i. A lone item is a batch of one. Tensors of an answer that nothing asks for
 * are ignored. The Java types of one item and their dtypes:
 *
 * <table>
 * <caption>Types</caption>
 * <tr><th>Java</th><th>written as</th><th>read from</th></tr>
 * <tr><td>float</td><td>FLOAT32</td><td>FLOAT32; FLOAT16 and BFLOAT16, widened</td></tr>
 * <tr><td>double</td><td>FLOAT64</td><td>FLOAT64</td></tr>
 * <tr><td>int, long, short</td><td>INT32, INT64, INT16</td><td>these, and the unsigned of that width as their bits</td></tr>
 * <tr><td>byte</td><td>UINT8, as its bits</td><td>UINT8 and INT8, as their bits</td></tr>
 * <tr><td>boolean</td><td>BOOL</td><td>BOOL</td></tr>
 * <tr><td>String</td><td>STRING, in UTF-8</td><td>STRING, malformed UTF-8 replaced</td></tr>
 * <tr><td>arrays of these, nested to any depth</td><td colspan="2">the same, one dimension a depth</td></tr>
 * <tr><td>{@link Tensor}</td><td>as it is</td><td>any dtype and shape</td></tr>
 * </table>
 *
 * <p>So {@code byte[]} is a vector of numbers and {@code byte[][]} a matrix of them; for STRING elements that are not
 * text, use a {@link Tensor}. Nested arrays must be rectangular; of an empty one, the dimensions below are 0. A flat array
 * or a tensor handed in is not copied, nor is one handed out where the tensor holds it as a whole. Nulls are refused.
 *
 * <p>A value that does not fit ends the call as a {@link io.foretell.error.CodecException} that names the tensor and
 * both sides of the mismatch: dtypes, shapes, counts. That includes inputs of one batch that differ in shape, unless
 * {@link #padded} evens them out.
 */
public final class TensorCodecs {
    private TensorCodecs() {}

    /**
     * Records whose components are the tensors of their name, in either direction. The records may be nested and private;
     * in a named module, their package must be open to this library. A constructor that throws fails its own item alone.
     *
     * @throws IllegalArgumentException if a record has no components, has one of an unsupported type, or cannot be
     *     accessed
     */
    public static <I extends Record, O extends Record> Codec<I, O> records(Class<I> input, Class<O> output) {
        return TensorCodec.of(new RecordRows<>(input), new RecordRows<>(output));
    }

    /**
     * One array an item, such as {@code float[].class} or {@code long[][].class}, in one tensor, in either direction.
     *
     * @throws IllegalArgumentException if a type is not an array, or not one of a supported type
     */
    public static <A, B> Codec<A, B> arrays(
            String inputName, Class<A> inputArray, String outputName, Class<B> outputArray) {
        return TensorCodec.of(new ArrayRows<>(inputName, inputArray), new ArrayRows<>(outputName, outputArray));
    }

    /**
     * Two functions, which must be thread-safe.
     *
     * @param encode from the inputs of a batch, at least one, to tensors
     * @param decode from tensors and the number of inputs to as many outputs, none of them null, output i for input i
     */
    public static <I, O> Codec<I, O> of(
            Function<List<I>, Map<String, Tensor>> encode, BiFunction<Map<String, Tensor>, Integer, List<O>> decode) {
        Objects.requireNonNull(encode, "encode");
        Objects.requireNonNull(decode, "decode");
        return new TensorCodec<>(
                encode::apply, (tensors, count) -> results(decode.apply(tensors, count)), true, "functions of tensors");
    }

    /** Named tensors as they are, one item a request: no dimension is added or taken away. */
    public static Codec<Map<String, Tensor>, Map<String, Tensor>> tensors() {
        TensorMaps maps = new TensorMaps();
        return new TensorCodec<>(maps, maps, false, "tensors -> tensors");
    }

    /**
     * A codec whose inputs may differ in length within a batch, and whose batches have one of some sizes.
     *
     * <p>{@link Codec#length} is the length of an input without padding, and inputs that differ in nothing but length
     * have the same {@link Codec#batchKey}. To tell these, functions and codecs of your own are asked to encode an input
     * alone once more. Where outputs are cut, {@link Codec#decode(io.foretell.transport.Payload, List)} is the only way to
     * decode.
     *
     * @param codec one that writes tensors and takes several inputs; a {@code batchKey} of its own must leave out what is
     *     padded
     * @throws IllegalArgumentException if the codec does not write tensors or takes one input at a time
     */
    public static <I, O> Codec<I, O> padded(Codec<I, O> codec, Padding padding) {
        return new PaddedCodec<>(codec, Objects.requireNonNull(padding, "padding"));
    }

    private static <O> List<ItemResult<O>> results(List<O> outputs) {
        List<ItemResult<O>> results = new ArrayList<>(outputs.size());
        for (O output : outputs) {
            if (output == null) {
                throw CodecFaults.decoding("output " + results.size() + " is null");
            }
            results.add(ItemResult.of(output));
        }
        return results;
    }
}
