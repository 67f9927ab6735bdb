package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.CodecException;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the codecs say of an input before it joins a batch. */
class BatchKeyTest {
    private static final long SEED = 20_240_229;
    private static final String[] TEXTS = {"", "plain", "grüße", "日本", "😀!", "\uD83D", "\uDE00x"};

    private record Mixed(int number, String text, float[][] matrix, String[] words, Tensor tensor) {}

    private final Codec<Mixed, Mixed> codec = TensorCodecs.records(Mixed.class, Mixed.class);

    private static Mixed mixed(Random random) {
        String[] words = new String[random.nextInt(2)];
        for (int i = 0; i < words.length; i++) {
            words[i] = TEXTS[random.nextInt(TEXTS.length)];
        }
        int size = 1 + random.nextInt(2);
        Tensor tensor = random.nextBoolean()
                ? Tensor.of(new int[size])
                : random.nextBoolean() ? Tensor.of(new float[size]) : Tensor.of(words);
        return new Mixed(
                random.nextInt(),
                TEXTS[random.nextInt(TEXTS.length)],
                new float[random.nextInt(2)][size],
                words,
                tensor);
    }

    @Test
    void b15_keysOfRandomInputs_areEqualWhereTheInputsFitOneBatch() {
        Random random = new Random(SEED);
        int fitting = 0;
        for (int i = 0; i < 2_000; i++) {
            Mixed a = mixed(random);
            Mixed b = mixed(random);

            boolean equal = codec.batchKey(a).equals(codec.batchKey(b));

            assertThat(equal).isEqualTo(fit(a, b));
            if (equal) {
                fitting++;
                assertThat(codec.batchKey(a)).hasSameHashCodeAs(codec.batchKey(b));
            }
        }
        assertThat(fitting).isBetween(20, 1_980);
    }

    private boolean fit(Mixed a, Mixed b) {
        try {
            codec.encode(List.of(a, b));
            return true;
        } catch (CodecException misfit) {
            return false;
        }
    }

    @Test
    void b15_keysOfTensors_tellDTypeAndEveryDimension() {
        Codec<Map<String, Tensor>, Map<String, Tensor>> tensors = TensorCodecs.tensors();
        Object key = tensors.batchKey(Map.of("x", Tensor.of(new short[4], 2, 2)));

        assertThat(tensors.batchKey(Map.of("x", Tensor.of(new short[] {1, 2, 3, 4}, 2, 2))))
                .isEqualTo(key);
        for (Tensor other : List.of(
                Tensor.of(new short[4]),
                Tensor.of(new short[4], 1, 4),
                Tensor.ofArray(DType.FLOAT16, new short[4], Shape.of(2, 2)))) {
            assertThat(tensors.batchKey(Map.of("x", other))).isNotEqualTo(key);
        }
        assertThat(tensors.batchKey(Map.of("y", Tensor.of(new short[4], 2, 2)))).isNotEqualTo(key);
    }

    @Test
    void b15_keysOfArrays_tellTheirShape() {
        Codec<float[][], float[]> arrays = TensorCodecs.arrays("x", float[][].class, "y", float[].class);

        assertThat(arrays.batchKey(new float[2][3])).isEqualTo(arrays.batchKey(new float[][] {{1, 2, 3}, {4, 5, 6}}));
        assertThat(arrays.batchKey(new float[2][3])).isNotEqualTo(arrays.batchKey(new float[3][2]));
    }

    @Test
    void sizeOf_randomInputs_isTheSizeOfThePayload() {
        Random random = new Random(SEED);
        for (int i = 0; i < 500; i++) {
            Mixed input = mixed(random);

            assertThat(codec.sizeOf(input))
                    .isEqualTo(codec.encode(List.of(input)).byteLength());
        }
        Map<String, Tensor> tensors = Map.of("a", Tensor.of(new long[3]), "b", Tensor.of(TEXTS));
        assertThat(TensorCodecs.tensors().sizeOf(tensors)).isEqualTo(new Payload.Tensors(tensors).byteLength());
        assertThat(TensorCodecs.arrays("x", long[].class, "y", long[].class).sizeOf(new long[5]))
                .isEqualTo(40);
    }

    @Test
    void keyAndSize_ofAnInputWithNulls_areRefused() {
        Tensor tensor = Tensor.of(new int[1]);
        Mixed noWord = new Mixed(1, "a", new float[1][1], new String[] {"b", null}, tensor);
        Mixed noMatrix = new Mixed(1, "a", new float[1][], new String[0], tensor);
        Mixed noTensor = new Mixed(1, "a", new float[1][1], new String[0], null);

        assertThatThrownBy(() -> codec.sizeOf(noWord))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("'words' of input 0 is null or holds a null");
        for (Mixed input : List.of(noMatrix, noTensor)) {
            assertThatThrownBy(() -> codec.batchKey(input)).isInstanceOf(CodecException.class);
            assertThatThrownBy(() -> codec.sizeOf(input)).isInstanceOf(CodecException.class);
        }
    }

    @Test
    void aCodecThatSaysNothing_mayMixAllInputsOfUnknownSize() {
        Codec<Integer, Integer> functions = TensorCodecs.of(inputs -> Map.of(), (tensors, count) -> List.of());

        assertThat(functions.batchKey(1)).isEqualTo(functions.batchKey(2));
        assertThat(functions.sizeOf(1)).isZero();
        assertThat(functions.length(1)).isZero();
    }
}
