package io.foretell.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class TensorElementsTest {
    private static final Shape SHAPE = Shape.of(4, 3);

    private final Random random = new Random(12);

    @ParameterizedTest
    @EnumSource
    void elements_overAnArray_areThatArray(DType dtype) {
        Object array = TensorSamples.array(dtype, 12, random);
        Tensor tensor = Tensor.ofArray(dtype, array, SHAPE);

        assertThat(tensor.dtype()).isEqualTo(dtype);
        assertThat(tensor.shape()).isEqualTo(SHAPE);
        assertThat(tensor.elements()).isSameAs(array);
        assertThat(tensor.reshape(12).reshape(4, 3).elements()).isSameAs(array);
        assertThat(tensor).hasToString(dtype + " [4, 3]");
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "STRING")
    void elements_overAnyBuffer_areThoseOfTheArray(DType dtype) {
        Object array = TensorSamples.array(dtype, 12, random);
        byte[] bytes = TensorSamples.bytes(dtype, array);
        Tensor overArray = Tensor.ofArray(dtype, array, SHAPE);
        for (ByteBuffer buffer : TensorSamples.buffers(bytes)) {
            int position = buffer.position();
            ByteOrder order = buffer.order();
            Tensor overBuffer = Tensor.ofBuffer(dtype, buffer, SHAPE);

            assertThat(TensorSamples.bytes(dtype, overBuffer.elements())).isEqualTo(bytes);
            assertThat(overBuffer).isEqualTo(overArray).hasSameHashCodeAs(overArray);
            assertThat(overArray).isEqualTo(overBuffer);
            assertThat(written(overBuffer)).isEqualTo(bytes);
            assertThat(overBuffer.byteLength()).isEqualTo(bytes.length);
            assertThat(buffer.position()).isEqualTo(position);
            assertThat(buffer.order()).isEqualTo(order);
        }
        assertThat(written(overArray)).isEqualTo(bytes);
    }

    private static byte[] written(Tensor tensor) {
        ByteBuffer target = ByteBuffer.allocate((int) tensor.byteLength());
        tensor.copyTo(target, 0, (int) tensor.shape().elementCount());
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "STRING")
    void copyTo_ofEveryRange_writesThoseElementsAlone(DType dtype) {
        Object array = TensorSamples.array(dtype, 12, random);
        byte[] bytes = TensorSamples.bytes(dtype, array);
        int size = dtype.byteSize();
        Tensor half = Tensor.ofArray(dtype, array, SHAPE).slice(0, 2);
        Tensor rest = Tensor.ofBuffer(dtype, ByteBuffer.wrap(bytes), SHAPE).slice(2, 4);
        Tensor tensor = Tensor.concat(java.util.List.of(half, rest));
        for (int from = 0; from <= 12; from++) {
            for (int count = 0; count <= 12 - from; count++) {
                ByteBuffer target = ByteBuffer.allocate(12 * size + 2).position(1);
                tensor.copyTo(target, from, count);

                assertThat(target.position()).isEqualTo(1 + count * size);
                assertThat(target.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                assertThat(target.flip().position(1)).isEqualTo(ByteBuffer.wrap(bytes, from * size, count * size));
            }
        }
    }

    @Test
    void copyTo_outsideTheTensorOrTheTarget_isRefused() {
        Tensor tensor = Tensor.of(new int[3]);
        ByteBuffer target = ByteBuffer.allocate(11);

        for (long[] range : new long[][] {{-1, 1}, {0, 4}, {3, 1}, {0, -1}, {Long.MAX_VALUE, 1}, {Long.MIN_VALUE, 1}}) {
            assertThatThrownBy(() -> tensor.copyTo(target, range[0], (int) range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("of INT32 [3]");
        }
        assertThatThrownBy(() -> tensor.copyTo(target, 0, 3)).isInstanceOf(BufferOverflowException.class);
        assertThat(target.position()).isZero();
        tensor.copyTo(target, 3, 0);
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.of(new String[] {"a"}).copyTo(target, 0, 1));
    }

    @Test
    void anyByteButZero_inABoolBuffer_isTrue() {
        Tensor read = Tensor.ofBuffer(DType.BOOL, ByteBuffer.wrap(new byte[] {0, 1, 2, -1}), Shape.of(4));
        Tensor made = Tensor.of(new boolean[] {false, true, true, true});

        assertThat(read.booleans()).containsExactly(false, true, true, true);
        assertThat(read).isEqualTo(made).hasSameHashCodeAs(made);
        assertThat(written(read)).containsExactly(0, 1, 1, 1);
    }

    @Test
    void typedFactories_chooseTheirDtype() {
        assertThat(Tensor.of(new float[2])).hasToString("FLOAT32 [2]");
        assertThat(Tensor.of(new double[2], 2, 1)).hasToString("FLOAT64 [2, 1]");
        assertThat(Tensor.of(new int[0])).hasToString("INT32 [0]");
        assertThat(Tensor.of(new long[6], 1, 2, 3)).hasToString("INT64 [1, 2, 3]");
        assertThat(Tensor.of(new short[1])).hasToString("INT16 [1]");
        assertThat(Tensor.of(new byte[1])).hasToString("UINT8 [1]");
        assertThat(Tensor.of(new boolean[1])).hasToString("BOOL [1]");
        assertThat(Tensor.of(new byte[][] {{1}})).hasToString("STRING [1]");
        assertThat(Tensor.of(new String[] {"grün"}).byteStrings()[0]).hasSize(5);
        assertThat(Tensor.of(new String[] {"grün"}).strings()).containsExactly("grün");
    }

    @Test
    void halves_areRoundedAndWidened() {
        float[] values = {1, 0.1f, -65504};

        assertThat(Tensor.rounded(DType.FLOAT16, values).floats()).containsExactly(1, 0.099975586f, -65504);
        assertThat(Tensor.rounded(DType.BFLOAT16, values, 3, 1).floats()).containsExactly(1, 0.100097656f, -65536);
        assertThat(Tensor.rounded(DType.FLOAT16, values).shorts()).hasSize(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.rounded(DType.FLOAT32, values))
                .withMessageContaining("FLOAT32");
    }

    @Test
    void accessors_ofAnotherType_areRefused() {
        Tensor floats = Tensor.of(new float[2]);

        assertThatIllegalStateException().isThrownBy(floats::longs).withMessage("FLOAT32 [2] does not hold longs");
        assertThatIllegalStateException().isThrownBy(floats::doubles);
        assertThatIllegalStateException().isThrownBy(floats::ints);
        assertThatIllegalStateException().isThrownBy(floats::shorts);
        assertThatIllegalStateException().isThrownBy(floats::bytes);
        assertThatIllegalStateException().isThrownBy(floats::booleans);
        assertThatIllegalStateException().isThrownBy(floats::strings);
        assertThatIllegalStateException().isThrownBy(Tensor.of(new int[1])::floats);
        assertThatIllegalStateException().isThrownBy(Tensor.of(new String[] {""})::byteLength);
    }

    @Test
    void contentThatDoesNotFillTheShape_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of(new float[5], 2, 3))
                .withMessage("array of 5 for FLOAT32 [2, 3], which has 6 elements");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofArray(DType.COMPLEX64, new float[3], Shape.of(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofArray(DType.INT32, new long[1], Shape.of(1)))
                .withMessage("INT32 is held in int[], not in long[]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofBuffer(DType.INT32, ByteBuffer.allocate(7), Shape.of(1)))
                .withMessageContaining("buffer of 7 bytes for INT32 [1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofBuffer(DType.INT64, ByteBuffer.allocate(0), Shape.of(1L << 61)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.ofBuffer(DType.STRING, ByteBuffer.allocate(1), Shape.of(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of(new int[2]).reshape(3));
    }

    @Test
    void equals_comparesBitsNotNumbers() {
        Tensor zero = Tensor.of(new float[] {0f});

        assertThat(zero).isNotEqualTo(Tensor.of(new float[] {-0f}));
        assertThat(Tensor.of(new float[] {Float.NaN})).isEqualTo(Tensor.of(new float[] {Float.NaN}));
        assertThat(zero).isNotEqualTo(Tensor.of(new int[] {0})).isNotEqualTo(zero.reshape(1, 1));
        assertThat(Tensor.of(new String[] {"a", "b"}))
                .isEqualTo(Tensor.of(new byte[][] {{'a'}, {'b'}}))
                .hasSameHashCodeAs(Tensor.of(new byte[][] {{'a'}, {'b'}}))
                .isNotEqualTo(Tensor.of(new String[] {"a", "c"}));
    }

    @Test
    void equals_ofManyChunks_seesTheLastElement() {
        double[] values = random.doubles(5_000).toArray();
        double[] changed = values.clone();
        changed[4_999]++;
        Tensor tensor = Tensor.of(values);
        Tensor joined = Tensor.concat(java.util.List.of(tensor.slice(0, 1_023), tensor.slice(1_023, 5_000)));

        assertThat(joined).isEqualTo(tensor).hasSameHashCodeAs(tensor);
        assertThat(Tensor.of(changed)).isNotEqualTo(tensor);
    }
}
