package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.CodecException;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    private record Scalars(float f, double d, int i, long l, short s, byte b, boolean z, String text) {}

    private record Vectors(float[] f, double[] d, int[] i, long[] l, short[] s, byte[] b, boolean[] z, String[] text) {}

    private record Nested(float[][] f, byte[][] bytes, long[][][] l, String[][] text) {}

    private record Features(float[] features) {}

    private record Score(float score) {}

    private record Whole(Tensor tensor) {}

    private record Texts(String text, String[] words) {}

    private record Strict(int positive) {
        Strict {
            if (positive < 0) {
                throw new IllegalArgumentException("secret " + positive);
            }
        }
    }

    private static <T extends Record> Codec<T, T> codec(Class<T> type) {
        return TensorCodecs.records(type, type);
    }

    private static <I> Map<String, Tensor> encoded(Codec<I, ?> codec, List<I> inputs) {
        return ((Payload.Tensors) codec.encode(inputs)).tensors();
    }

    private static Payload answer(String name, Tensor tensor) {
        return new Payload.Tensors(Map.of(name, tensor));
    }

    private static <T extends Record> List<T> roundTrip(Class<T> type, List<T> items) {
        Codec<T, T> codec = codec(type);
        return codec.decode(codec.encode(items), items.size()).stream()
                .map(ItemResult::value)
                .toList();
    }

    @Test
    void scalars_ofABatch_becomeVectorsAndComeBack() {
        Scalars a = new Scalars(1.5f, -2.5, 3, 1L << 40, (short) -4, (byte) 200, true, "grüße");
        Scalars b = new Scalars(Float.NaN, 0, Integer.MIN_VALUE, -1, (short) 9, (byte) 0, false, "");

        Map<String, Tensor> tensors = encoded(codec(Scalars.class), List.of(a, b));

        assertThat(tensors)
                .hasToString("{f=FLOAT32 [2], d=FLOAT64 [2], i=INT32 [2], l=INT64 [2], s=INT16 [2],"
                        + " b=UINT8 [2], z=BOOL [2], text=STRING [2]}");
        assertThat(tensors.get("i").ints()).containsExactly(3, Integer.MIN_VALUE);
        assertThat(roundTrip(Scalars.class, List.of(a, b))).containsExactly(a, b);
    }

    @Test
    void vectors_ofABatch_becomeMatricesAndComeBack() {
        Vectors a = vectors(1);
        Vectors b = vectors(7);

        Map<String, Tensor> tensors = encoded(codec(Vectors.class), List.of(a, b));
        List<Vectors> back = roundTrip(Vectors.class, List.of(a, b));

        assertThat(tensors)
                .hasToString("{f=FLOAT32 [2, 2], d=FLOAT64 [2, 1], i=INT32 [2, 3], l=INT64 [2, 1],"
                        + " s=INT16 [2, 2], b=UINT8 [2, 2], z=BOOL [2, 1], text=STRING [2, 2]}");
        assertThat(back).usingRecursiveComparison().isEqualTo(List.of(a, b));
    }

    private static Vectors vectors(int x) {
        return new Vectors(
                new float[] {x, x + 0.5f},
                new double[] {x},
                new int[] {x, x, -x},
                new long[] {(long) x << 50},
                new short[] {(short) x, -1},
                new byte[] {(byte) x, -1},
                new boolean[] {x > 3},
                new String[] {"x" + x, "日本"});
    }

    @Test
    void nestedArrays_ofABatch_keepTheirOrder() {
        Nested a = nested(1);
        Nested b = nested(100);

        Map<String, Tensor> tensors = encoded(codec(Nested.class), List.of(a, b));

        assertThat(tensors)
                .hasToString(
                        "{f=FLOAT32 [2, 2, 3], bytes=UINT8 [2, 1, 2], l=INT64 [2, 2, 1, 2], text=STRING [2, 1, 2]}");
        assertThat(tensors.get("f").floats()).containsExactly(1, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104, 105);
        assertThat(roundTrip(Nested.class, List.of(a, b)))
                .usingRecursiveComparison()
                .isEqualTo(List.of(a, b));
    }

    private static Nested nested(int x) {
        return new Nested(
                new float[][] {{x, x + 1, x + 2}, {x + 3, x + 4, x + 5}},
                new byte[][] {{(byte) x, -1}},
                new long[][][] {{{x, 2}}, {{3, 4}}},
                new String[][] {{"a" + x, "b"}});
    }

    @Test
    void emptyArrays_ofAnyDepth_comeBackEmpty() {
        Nested empty = new Nested(new float[0][], new byte[2][0], new long[0][][], new String[0][]);

        assertThat(encoded(codec(Nested.class), List.of(empty)))
                .hasToString(
                        "{f=FLOAT32 [1, 0, 0], bytes=UINT8 [1, 2, 0], l=INT64 [1, 0, 0, 0], text=STRING [1, 0, 0]}");
        assertThat(roundTrip(Nested.class, List.of(empty)))
                .usingRecursiveComparison()
                .isEqualTo(List.of(empty));
    }

    @Test
    void aFlatArray_alone_isNeverCopied() {
        float[] values = {1, 2, 3};
        Codec<Features, Features> codec = codec(Features.class);

        Payload payload = codec.encode(List.of(new Features(values)));

        assertThat(((Payload.Tensors) payload).tensors().get("features").floats())
                .isSameAs(values);
        assertThat(codec.decode(payload, 1).get(0).value().features()).isSameAs(values);
    }

    @Test
    void tensors_asComponents_areStackedAndComeBackAsRows() {
        Whole a = new Whole(Tensor.rounded(DType.BFLOAT16, new float[] {1, 2}, 2, 1));
        Whole b = new Whole(Tensor.rounded(DType.BFLOAT16, new float[] {3, 4}, 2, 1));

        assertThat(encoded(codec(Whole.class), List.of(a, b))).hasToString("{tensor=BFLOAT16 [2, 2, 1]}");
        assertThat(roundTrip(Whole.class, List.of(a, b))).containsExactly(a, b);
    }

    @Test
    void manyComponents_ofMixedTypes_keepTheirPlaces() {
        Wide wide = new Wide(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "thirteen", new double[] {14});

        assertThat(roundTrip(Wide.class, List.of(wide)).get(0))
                .usingRecursiveComparison()
                .isEqualTo(wide);
    }

    private record Wide(
            long a,
            long b,
            int c,
            int d,
            double e,
            double f,
            float g,
            float h,
            long i,
            long j,
            int k,
            int l,
            String m,
            double[] n) {}

    @Test
    void halfFloats_inAnAnswer_areReadAsFloats() {
        for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            Tensor scores = Tensor.rounded(half, new float[] {0.5f, -2});

            assertThat(codec(Score.class).decode(answer("score", scores), 2))
                    .extracting(ItemResult::value)
                    .containsExactly(new Score(0.5f), new Score(-2));
            assertThat(codec(Features.class)
                            .decode(answer("features", scores.reshape(1, 2)), 1)
                            .get(0)
                            .value()
                            .features())
                    .containsExactly(0.5f, -2);
        }
    }

    @Test
    void aBufferInAnAnswer_isReadRowByRow() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0, 0, -128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, -128, 64});
        Tensor tensor = Tensor.ofBuffer(DType.FLOAT32, bytes, Shape.of(2, 2));

        List<ItemResult<Features>> rows = codec(Features.class).decode(answer("features", tensor), 2);

        assertThat(rows.get(0).value().features()).containsExactly(1, 2);
        assertThat(rows.get(1).value().features()).containsExactly(3, 4);
    }

    @Test
    void unsignedIntegers_inAnAnswer_areReadAsTheirBits() {
        record Id(int id) {}
        Tensor ids = Tensor.ofArray(DType.UINT32, new int[] {-1}, Shape.of(1));

        assertThat(codec(Id.class).decode(answer("id", ids), 1).get(0).value()).isEqualTo(new Id(-1));
    }

    @Test
    void extraOutputs_areIgnored() {
        Payload answer = new Payload.Tensors(
                Map.of("score", Tensor.of(new float[] {1}), "other", Tensor.of(new String[] {"x", "y"})));

        assertThat(codec(Score.class).decode(answer, 1).get(0).value()).isEqualTo(new Score(1));
    }

    @Test
    void inputsOfDifferentShape_areRefusedBeforeSending() {
        assertEncodingFails(
                codec(Features.class),
                List.of(new Features(new float[2]), new Features(new float[2]), new Features(new float[3])),
                "'features' of input 2 is FLOAT32 [3], of input 0 it is FLOAT32 [2]");
        assertEncodingFails(
                codec(Whole.class),
                List.of(new Whole(Tensor.of(new float[1])), new Whole(Tensor.of(new int[1]))),
                "'tensor' of input 1 is INT32 [1], of input 0 it is FLOAT32 [1]");
    }

    @Test
    void aRaggedArray_isRefusedBeforeSending() {
        Codec<Nested, Nested> codec = codec(Nested.class);
        for (float[][] ragged :
                List.of(new float[][] {{1, 2}, {3}}, new float[][] {{}, {1}}, new float[][] {{1}, {}})) {
            Nested input = new Nested(ragged, new byte[1][1], new long[1][1][1], new String[][] {{""}});

            assertEncodingFails(codec, List.of(nested(1), input), "'f' of input 1 is ragged");
        }
    }

    @Test
    void nulls_areRefusedBeforeSending() {
        assertEncodingFails(codec(Features.class), List.of(new Features(null)), "'features' of input 0 is null");
        assertEncodingFails(codec(Whole.class), List.of(new Whole(null)), "'tensor' of input 0 is null");
        String[] words = {"a", null};
        assertEncodingFails(codec(Texts.class), List.of(new Texts("a", words)), "'words' of input 0 is null or holds");
        assertEncodingFails(codec(Texts.class), List.of(new Texts(null, words)), "'text' of input 0 is null");
        assertEncodingFails(codec(Score.class), Arrays.asList(new Score(1), null), "input 1 is null");
        Nested holed = new Nested(new float[][] {{1}, null}, new byte[0][], new long[0][][], new String[0][]);
        assertEncodingFails(codec(Nested.class), List.of(holed), "'f' of input 0 is null or holds a null");
    }

    private static <I> void assertEncodingFails(Codec<I, ?> codec, List<I> inputs, String message) {
        assertThatThrownBy(() -> codec.encode(inputs))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(message)
                .extracting(error -> ((InferenceException) error).retrySafety())
                .isEqualTo(RetrySafety.SAFE);
    }

    @Test
    void aMissingOutput_isNamedWithWhatIsThere() {
        Map<String, Tensor> there = new LinkedHashMap<>();
        there.put("logits", Tensor.of(new float[] {42}, 1, 1));
        there.put("ids", Tensor.of(new long[] {1}));

        assertThatThrownBy(() -> codec(Score.class).decode(new Payload.Tensors(there), 1))
                .isInstanceOf(CodecException.class)
                .hasMessage("no output 'score' among {logits=FLOAT32 [1, 1], ids=INT64 [1]}");
    }

    @Test
    void anOutputThatDoesNotFit_isNamedWithBothSides() {
        assertDecodingFails(Score.class, "score", Tensor.of(new double[1]), 1, "FLOAT64 [1]: float is read from");
        assertDecodingFails(Score.class, "score", Tensor.of(new float[3]), 2, "FLOAT32 [3]: 3 rows for 2 inputs");
        assertDecodingFails(Score.class, "score", Tensor.of(new float[2], 2, 1), 2, "rows of rank 1 do not fit float");
        assertDecodingFails(
                Score.class,
                "score",
                Tensor.ofArray(DType.FLOAT32, new float[1], Shape.scalar()),
                1,
                "FLOAT32 []: no rows for 1 input");
        assertDecodingFails(
                Features.class, "features", Tensor.of(new float[2]), 2, "rows of rank 0 do not fit float[]");
    }

    private static void assertDecodingFails(
            Class<? extends Record> type, String name, Tensor tensor, int count, String message) {
        assertThatThrownBy(() -> codec(type).decode(answer(name, tensor), count))
                .isInstanceOf(CodecException.class)
                .hasMessageStartingWith("output '" + name + "' is " + tensor)
                .hasMessageContaining(message);
    }

    @Test
    void aConstructorThatRefuses_failsItsOwnItemAlone() {
        List<ItemResult<Strict>> results =
                codec(Strict.class).decode(answer("positive", Tensor.of(new int[] {1, -2, 3})), 3);

        assertThat(results.get(0).value()).isEqualTo(new Strict(1));
        assertThat(results.get(1).error())
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("refused output 1")
                .hasMessageNotContaining("secret");
        assertThat(results.get(2).value()).isEqualTo(new Strict(3));
    }

    @Test
    void anUnsupportedComponent_isRefusedWhenBuilding() {
        record Boxed(Integer number) {}
        record Listed(List<String> words) {}
        record Letters(char[][] letters) {}
        record Empty() {}

        for (Class<? extends Record> type : List.of(Boxed.class, Listed.class, Letters.class)) {
            assertThatThrownBy(() -> codec(type))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + type.getRecordComponents()[0].getName() + "' of " + type.getTypeName())
                    .hasMessageContaining(
                            type.getRecordComponents()[0].getType().getTypeName());
        }
        assertThatThrownBy(() -> codec(Empty.class)).hasMessageContaining("no components");
    }

    @Test
    void aBytesAnswer_isRefused() {
        assertThatThrownBy(() -> codec(Score.class).decode(Payload.Bytes.of("text/csv", new byte[] {65}), 1))
                .isInstanceOf(CodecException.class)
                .hasMessage("tensors expected, not text/csv, 1 bytes");
    }

    @Test
    void toString_namesTheRecords() {
        assertThat(TensorCodecs.records(Features.class, Score.class)).hasToString("Features -> Score");
    }
}
