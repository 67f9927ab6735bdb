package io.foretell.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TensorJoinTest {
    @Test
    void slicesAndJoins_shareTheElements() {
        int[] values = {1, 2, 3, 4, 5, 6};
        byte[] bytes = new byte[8];
        Tensor array = Tensor.of(values, 3, 2);
        Tensor buffer = Tensor.ofBuffer(DType.INT32, ByteBuffer.wrap(bytes), Shape.of(1, 2));
        Tensor slice = array.slice(1, 3);
        Tensor row = array.row(2);
        Tensor joined = Tensor.concat(List.of(slice, buffer, array));
        Tensor stacked = Tensor.stack(List.of(row, row));

        values[4] = 50; // Which the contract forbids, and which shows that nothing was copied.
        bytes[0] = 9;

        assertThat(slice.ints()).containsExactly(3, 4, 50, 6);
        assertThat(row.ints()).containsExactly(50, 6);
        assertThat(joined.ints()).containsExactly(3, 4, 50, 6, 9, 0, 1, 2, 3, 4, 50, 6);
        assertThat(stacked.ints()).containsExactly(50, 6, 50, 6);
        assertThat(Tensor.stack(List.of(array)).ints()).isSameAs(values);
        assertThat(array.slice(0, 3).ints()).isSameAs(values);
    }

    /** Random chains of operations against plain lists of numbers. */
    @RepeatedTest(50)
    void randomOperations_agreeWithAList(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        int width = 1 + random.nextInt(3);
        List<Tensor> tensors = new ArrayList<>();
        List<long[]> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            if (tensors.size() < 2 || random.nextInt(4) == 0) {
                long[] values = random.longs((long) width * random.nextInt(5)).toArray();
                tensors.add(tensor(values, width, random.nextBoolean()));
                expected.add(values);
            } else if (random.nextBoolean()) {
                int chosen = random.nextInt(tensors.size());
                int rows = (int) tensors.get(chosen).shape().dim(0);
                int to = random.nextInt(rows + 1);
                int from = random.nextInt(to + 1);
                tensors.add(tensors.get(chosen).slice(from, to));
                expected.add(Arrays.copyOfRange(expected.get(chosen), from * width, to * width));
            } else {
                int a = random.nextInt(tensors.size());
                int b = random.nextInt(tensors.size());
                if (expected.get(a).length + expected.get(b).length < 1_000) {
                    tensors.add(Tensor.concat(List.of(tensors.get(a), tensors.get(b))));
                    expected.add(joined(expected.get(a), expected.get(b)));
                }
            }
            int last = tensors.size() - 1;
            assertSame(tensors.get(last), expected.get(last), width);
        }
    }

    private static Tensor tensor(long[] values, int width, boolean overBuffer) {
        Shape shape = Shape.of(values.length / width, width);
        return overBuffer
                ? Tensor.ofBuffer(DType.INT64, ByteBuffer.wrap(TensorSamples.bytes(DType.INT64, values)), shape)
                : Tensor.ofArray(DType.INT64, values, shape);
    }

    private static long[] joined(long[] a, long[] b) {
        long[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static void assertSame(Tensor tensor, long[] expected, int width) {
        Tensor plain = Tensor.of(expected, expected.length / width, width);
        assertThat(tensor.longs()).isEqualTo(expected);
        assertThat(tensor).isEqualTo(plain).hasSameHashCodeAs(plain);
        for (int i = 0; i < expected.length / width; i++) {
            assertThat(tensor.row(i).longs()).isEqualTo(Arrays.copyOfRange(expected, i * width, (i + 1) * width));
        }
    }

    @Test
    void complexRows_areTwoSlotsWide() {
        Tensor complex = Tensor.ofArray(DType.COMPLEX64, new float[] {1, 2, 3, 4, 5, 6}, Shape.of(3));

        assertThat(complex.row(1).floats()).containsExactly(3, 4);
        assertThat(complex.slice(1, 3).floats()).containsExactly(3, 4, 5, 6);
        assertThat(complex.row(1)).hasToString("COMPLEX64 []");
    }

    @Test
    void strings_areSlicedAndJoinedAlike() {
        Tensor words = Tensor.of(new String[] {"a", "b", "c"});

        assertThat(Tensor.concat(List.of(words.slice(1, 3), words.slice(0, 1))).strings())
                .containsExactly("b", "c", "a");
        assertThat(words.row(2).strings()).containsExactly("c");
    }

    @Test
    void emptyTensors_sliceAndJoin() {
        Tensor empty = Tensor.of(new float[0], 0, 1L << 40);

        assertThat(empty.slice(0, 0)).isEqualTo(empty);
        assertThat(Tensor.concat(List.of(empty, empty))).hasToString("FLOAT32 [0, 1099511627776]");
        assertThat(Tensor.stack(List.of(empty, empty)).floats()).isEmpty();
        assertThat(Tensor.of(new float[0], 3, 0).row(2).floats()).isEmpty();
    }

    @Test
    void rowsOutside_areRefusedWithTheTensor() {
        Tensor tensor = Tensor.of(new int[6], 3, 2);

        for (long[] rows : new long[][] {{-1, 1}, {2, 1}, {0, 4}, {4, 4}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
            assertThatThrownBy(() -> tensor.slice(rows[0], rows[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("of INT32 [3, 2]");
        }
        for (long row : new long[] {-1, 3, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> tensor.row(row)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatIllegalStateException().isThrownBy(() -> tensor.row(0).row(0).row(0));
    }

    @Test
    void tensorsThatDoNotMatch_areNotJoined() {
        Tensor floats = Tensor.of(new float[2], 1, 2);

        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.concat(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.stack(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.concat(List.of(floats, Tensor.of(new float[3], 1, 3))))
                .withMessage("rows of FLOAT32 [1, 3] and FLOAT32 [1, 2] differ in shape");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.concat(List.of(floats, Tensor.of(new int[2], 1, 2))))
                .withMessage("INT32 [1, 2] is not of dtype FLOAT32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.stack(List.of(floats, Tensor.of(new float[4], 2, 2))))
                .withMessage("FLOAT32 [2, 2] and FLOAT32 [1, 2] differ in shape");
        Tensor scalar = floats.row(0).row(0);
        assertThatIllegalArgumentException().isThrownBy(() -> Tensor.concat(List.of(scalar, scalar)));
        assertThat(Tensor.stack(List.of(scalar, scalar))).hasToString("FLOAT32 [2]");
    }
}
