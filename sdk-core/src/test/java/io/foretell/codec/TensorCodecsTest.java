package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.CodecException;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorCodecsTest {
    private static Payload answer(String name, Tensor tensor) {
        return new Payload.Tensors(Map.of(name, tensor));
    }

    @Test
    void arrays_ofABatch_areOneTensorEachWay() {
        Codec<float[], long[][]> codec = TensorCodecs.arrays("in", float[].class, "out", long[][].class);

        Payload sent = codec.encode(List.of(new float[] {1, 2}, new float[] {3, 4}));
        List<ItemResult<long[][]>> got =
                codec.decode(answer("out", Tensor.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3, 1)), 2);

        assertThat(sent).isEqualTo(answer("in", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)));
        assertThat(got.get(0).value()).isDeepEqualTo(new long[][] {{1}, {2}, {3}});
        assertThat(got.get(1).value()).isDeepEqualTo(new long[][] {{4}, {5}, {6}});
        assertThat(codec.payload()).isEqualTo(Payload.Kind.TENSORS);
        assertThat(codec.batches()).isTrue();
        assertThat(codec).hasToString("in float[] -> out long[][]");
    }

    @Test
    void arrays_thatDoNotFit_areRefused() {
        Codec<String[], float[]> codec = TensorCodecs.arrays("in", String[].class, "out", float[].class);

        assertThatThrownBy(() -> codec.encode(List.of(new String[] {"a"}, new String[] {})))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("'in' of input 1 is STRING [0], of input 0 it is STRING [1]");
        assertThatThrownBy(() -> codec.encode(Arrays.asList(new String[] {"a"}, null)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("'in' of input 1 is null");
        assertThatThrownBy(() -> codec.decode(answer("out", Tensor.of(new float[2], 1, 2)), 2))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("1 rows for 2 inputs");
        assertThatThrownBy(() -> TensorCodecs.arrays("in", String.class, "out", float[].class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an array type expected for 'in', not java.lang.String");
        assertThatThrownBy(() -> TensorCodecs.arrays("in", float[].class, "out", Float[].class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'out' of arrays is of unsupported type java.lang.Float[]");
    }

    @Test
    void emptyArraysWithoutEnd_areRefusedBeforeTheyAreMade() {
        Codec<float[], float[][][]> codec = TensorCodecs.arrays("in", float[].class, "out", float[][][].class);
        for (long[] dims : new long[][] {{1, Integer.MAX_VALUE, 0, 5}, {1, 1 << 20, 1 << 20, 0}}) {
            Tensor empty = Tensor.of(new float[0], dims);

            assertThatThrownBy(() -> codec.decode(answer("out", empty), 1))
                    .isInstanceOf(CodecException.class)
                    .hasMessage("output 'out' is " + empty + ": too many empty arrays");
        }
        Tensor few = Tensor.of(new float[0], 1, 2, 1, 0);
        assertThat(codec.decode(answer("out", few), 1).get(0).value()).isDeepEqualTo(new float[][][] {{{}}, {{}}});
    }

    @Test
    void functions_areUsedAsTheyAre() {
        Codec<Integer, String> codec = TensorCodecs.of(
                inputs -> Map.of("x", Tensor.of(inputs.stream().mapToInt(i -> i).toArray())),
                (tensors, count) -> List.of(tensors.get("y").strings()));

        assertThat(codec.encode(List.of(3, 4))).isEqualTo(answer("x", Tensor.of(new int[] {3, 4})));
        assertThat(codec.decode(answer("y", Tensor.of(new String[] {"a", "b"})), 2))
                .extracting(ItemResult::value)
                .containsExactly("a", "b");
    }

    @Test
    void functions_thatReturnTooFewOrNull_areRefused() {
        Codec<Integer, String> codec =
                TensorCodecs.of(inputs -> Map.of(), (tensors, count) -> Arrays.asList("a", null));
        Codec<Integer, String> tooFew = TensorCodecs.of(inputs -> Map.of(), (tensors, count) -> List.of("a"));

        assertThatThrownBy(() -> codec.decode(new Payload.Tensors(Map.of()), 2))
                .isInstanceOf(CodecException.class)
                .hasMessage("output 1 is null");
        assertThatThrownBy(() -> tooFew.decode(new Payload.Tensors(Map.of()), 2))
                .isInstanceOf(CodecException.class)
                .hasMessage("1 results for 2 inputs");
    }

    @Test
    void tensors_passThrough_oneAtATime() {
        Codec<Map<String, Tensor>, Map<String, Tensor>> codec = TensorCodecs.tensors();
        Map<String, Tensor> map = Map.of("x", Tensor.of(new float[] {1, 2, 3}));

        assertThat(codec.batches()).isFalse();
        assertThat(codec.encode(List.of(map))).isEqualTo(new Payload.Tensors(map));
        assertThat(codec.decode(new Payload.Tensors(map), 1).get(0).value()).isEqualTo(map);
        assertThatThrownBy(() -> codec.encode(List.of(map, map)))
                .isInstanceOf(CodecException.class)
                .hasMessage("2 inputs, exactly 1 expected");
        assertThat(codec).hasToString("tensors -> tensors");
    }
}
