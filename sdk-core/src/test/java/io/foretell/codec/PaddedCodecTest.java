package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.error.CodecException;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaddedCodecTest {
    private record Text(long[] ids, boolean[] mask) {}

    private record Tags(long[] tags) {}

    private record Whole(Tensor x) {}

    private record Score(float score) {}

    private static final Padding BOTH = Padding.of("ids", "mask");

    private static Codec<Text, Tags> padded(Padding padding) {
        return TensorCodecs.padded(TensorCodecs.records(Text.class, Tags.class), padding);
    }

    private static Text text(long... ids) {
        boolean[] mask = new boolean[ids.length];
        Arrays.fill(mask, true);
        return new Text(ids, mask);
    }

    private static <I> Map<String, Tensor> encoded(Codec<I, ?> codec, List<I> inputs) {
        return ((Payload.Tensors) codec.encode(inputs)).tensors();
    }

    private static Payload tags(long[] tags, long... dims) {
        return new Payload.Tensors(Map.of("tags", Tensor.of(tags, dims)));
    }

    @Test
    void b17_raggedBatch_isPaddedToItsLongest() {
        Map<String, Tensor> sent = encoded(padded(BOTH), List.of(text(1), text(2, 3, 4), text()));

        assertThat(sent.get("ids")).isEqualTo(Tensor.of(new long[] {1, 0, 0, 2, 3, 4, 0, 0, 0}, 3, 3));
        assertThat(sent.get("mask").booleans())
                .containsExactly(true, false, false, true, true, true, false, false, false);
    }

    @Test
    void b17_allowedLengths_areTheOnlyOnesSent() {
        Codec<Text, Tags> codec = padded(BOTH.toBuilder().lengths(8, 2, 4).build());

        assertThat(encoded(codec, List.of(text(1))).get("ids").shape()).isEqualTo(Shape.of(1, 2));
        assertThat(encoded(codec, List.of(text(1), text(1, 2, 3))).get("ids").shape())
                .isEqualTo(Shape.of(2, 4));
        assertThat(encoded(codec, List.of(text(new long[8]))).get("mask").shape())
                .isEqualTo(Shape.of(1, 8));
        for (Runnable use : List.<Runnable>of(
                () -> codec.encode(List.of(text(new long[9]))), () -> codec.batchKey(text(new long[9])))) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("length 9 exceeds the largest allowed, 8");
        }
    }

    @Test
    void b17_allowedBatchSizes_areFilledWithTheFirstInput_whoseCopiesNeverSurface() {
        Codec<Text, Tags> codec = padded(BOTH.toBuilder().batchSizes(1, 4).build());

        Map<String, Tensor> sent = encoded(codec, List.of(text(1, 2), text(3)));
        Payload answer = tags(new long[] {10, 20, 30, 40}, 4, 1);

        assertThat(sent.get("ids")).isEqualTo(Tensor.of(new long[] {1, 2, 3, 0, 1, 2, 1, 2}, 4, 2));
        assertThat(codec.decode(answer, 2))
                .extracting(each -> each.value().tags()[0])
                .containsExactly(10L, 20L);
        assertThat(codec.decode(answer, List.of(text(1, 2), text(3)))).hasSize(2);
        assertThat(encoded(codec, List.of(text(1))).get("ids").shape()).isEqualTo(Shape.of(1, 1));
        assertThatThrownBy(() -> codec.encode(List.of(text(), text(), text(), text(), text())))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("a batch of size 5 exceeds the largest allowed, 4");
    }

    @Test
    void b17_batchSizesAlone_leaveInputsAsTheyAre() {
        Codec<float[], float[]> codec = TensorCodecs.padded(
                TensorCodecs.arrays("x", float[].class, "y", float[].class),
                Padding.builder().batchSizes(3).build());

        assertThat(encoded(codec, List.of(new float[] {1, 2})).get("x"))
                .isEqualTo(Tensor.of(new float[] {1, 2, 1, 2, 1, 2}, 3, 2));
        assertThat(codec.length(new float[2])).isZero();
        assertThat(codec.batchKey(new float[2])).isNotEqualTo(codec.batchKey(new float[3]));
    }

    @Test
    void b17_anAnswerWithTooFewRows_failsAsAWhole() {
        Padding sizes = BOTH.toBuilder().batchSizes(4).build();
        Codec<Text, Tags> cutting = padded(sizes.toBuilder().cutOutputs("tags").build());
        List<Text> two = List.of(text(1), text(2));

        for (int rows : new int[] {2, 3, 5}) {
            Payload answer = tags(new long[rows], rows, 1);
            assertThatThrownBy(() -> padded(sizes).decode(answer, two))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining(rows + " rows for 4 inputs");
            assertThatThrownBy(() -> cutting.decode(answer, two))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("output 'tags' is INT64 [" + rows + ", 1], not 4 rows");
        }
    }

    @Test
    void b17_oneRowForAll_besideCutOutputs_isNobodysAnswer() {
        record Tagged(long[] tags, float score) {}
        Codec<Text, Tagged> codec = TensorCodecs.padded(
                TensorCodecs.records(Text.class, Tagged.class),
                BOTH.toBuilder().cutOutputs("tags").build());
        Tensor tags = Tensor.of(new long[2], 2, 1);
        Payload one = new Payload.Tensors(Map.of("tags", tags, "score", Tensor.of(new float[] {7})));

        assertThatThrownBy(() -> codec.decode(one, List.of(text(1), text(2))))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("no output 'score'");
    }

    @Test
    void b17_cutOutputs_haveTheLengthOfTheirInput() {
        Codec<Text, Tags> codec =
                padded(BOTH.toBuilder().lengths(4).cutOutputs("tags").build());
        List<Text> inputs = List.of(text(1, 2, 3), text(), text(4));
        Payload answer = tags(new long[] {1, 2, 3, 0, 0, 0, 0, 0, 4, 0, 0, 0}, 3, 4);

        assertThat(codec.decode(answer, inputs))
                .extracting(each -> each.value().tags())
                .containsExactly(new long[] {1, 2, 3}, new long[0], new long[] {4});
        assertThatThrownBy(() -> codec.decode(tags(new long[6], 3, 2), inputs))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("'tags' is INT64 [3, 2], not 3 rows of at least 3, the length of input 0");
        assertThatThrownBy(() -> codec.decode(answer, 3)).hasMessageContaining("[tags] are cut by the lengths");
    }

    @Test
    void b17_padValue_ofEveryDType_isThatValue() {
        for (DType dtype : DType.values()) {
            Tensor none = Fill.of("x", dtype, Shape.of(0, 2), 0);
            Tensor zeros = Fill.of("x", dtype, Shape.of(2, 2), 0);
            assertThat(encodedTensor(none, zeros, 0)).isEqualTo(Tensor.stack(List.of(zeros, zeros)));
        }
        Tensor floats = encodedTensor(Tensor.of(new float[0]), Tensor.of(new float[] {3}), Double.NEGATIVE_INFINITY);
        assertThat(floats.floats()).containsExactly(Float.NEGATIVE_INFINITY, 3);
        assertThat(encodedTensor(Tensor.of(new double[0]), Tensor.of(new double[1]), 0.1)
                        .doubles())
                .contains(0.1);
        assertThat(encodedTensor(Tensor.of(new long[0]), Tensor.of(new long[1]), -100)
                        .longs())
                .contains(-100);
        assertThat(encodedTensor(Tensor.of(new int[0]), Tensor.of(new int[1]), 1e9)
                        .ints())
                .contains(1_000_000_000);
        assertThat(encodedTensor(Tensor.of(new short[0]), Tensor.of(new short[1]), -2)
                        .shorts())
                .contains((short) -2);
        assertThat(encodedTensor(Tensor.of(new byte[0]), Tensor.of(new byte[1]), 255)
                        .bytes())
                .contains((byte) -1);
        assertThat(encodedTensor(Tensor.of(new boolean[0]), Tensor.of(new boolean[1]), 1)
                        .booleans())
                .containsExactly(true, false);
        Tensor half = Tensor.rounded(DType.BFLOAT16, new float[] {2});
        assertThat(encodedTensor(half.slice(0, 0), half, 1.5).floats()).containsExactly(1.5f, 2);
    }

    /** Both in one batch, the first padded. */
    private static Tensor encodedTensor(Tensor shorter, Tensor longer, double value) {
        Codec<Whole, Whole> codec = TensorCodecs.padded(
                TensorCodecs.records(Whole.class, Whole.class),
                Padding.builder().input("x", value).build());
        return encoded(codec, List.of(new Whole(shorter), new Whole(longer))).get("x");
    }

    @Test
    void b17_padValueThatTheDTypeCannotHold_isRefused() {
        assertRefused(Tensor.of(new byte[0]), 256, "'x' is UINT8 and cannot be padded with 256.0");
        assertRefused(Tensor.of(new byte[0]), -1, "UINT8");
        assertRefused(Tensor.of(new int[0]), 0.5, "INT32");
        assertRefused(Tensor.of(new long[0]), 1e19, "INT64");
        assertRefused(Tensor.of(new boolean[0]), 2, "BOOL");
        assertRefused(Tensor.of(new String[0]), 1, "STRING");
        assertRefused(Tensor.ofArray(DType.FLOAT32, new float[1], Shape.scalar()), 0, "one element an input");
    }

    private static void assertRefused(Tensor tensor, double value, String message) {
        assertThatThrownBy(() -> encodedTensor(tensor, tensor, value))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining(message);
    }

    @Test
    void b15_paddedLength_isNotPartOfTheKey_butAllElseIs() {
        Codec<Text, Tags> codec = padded(BOTH);
        Codec<Whole, Whole> tensors =
                TensorCodecs.padded(TensorCodecs.records(Whole.class, Whole.class), Padding.of("x"));
        Object key = tensors.batchKey(new Whole(Tensor.of(new float[6], 2, 3)));

        assertThat(codec.batchKey(text(1))).isEqualTo(codec.batchKey(text(1, 2)));
        assertThat(tensors.batchKey(new Whole(Tensor.of(new float[3], 1, 3)))).isEqualTo(key);
        assertThat(tensors.batchKey(new Whole(Tensor.of(new float[6], 3, 2)))).isNotEqualTo(key);
        assertThat(tensors.batchKey(new Whole(Tensor.of(new int[6], 2, 3)))).isNotEqualTo(key);
        assertThatThrownBy(() -> encodedTensor(Tensor.of(new float[6], 2, 3), Tensor.of(new float[6], 3, 2), 0))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("the inputs of one batch must agree");
    }

    @Test
    void length_andSize_areThoseWithoutPadding() {
        Codec<Text, Tags> codec = padded(BOTH.toBuilder().lengths(16).build());

        assertThat(codec.length(text(1, 2, 3))).isEqualTo(3);
        assertThat(codec.length(new Text(new long[2], new boolean[5]))).isEqualTo(5);
        assertThat(codec.sizeOf(text(1, 2, 3))).isEqualTo(3 * 8 + 3);
    }

    @Test
    void functions_areAskedWhatTheyEncode() {
        Codec<String, Float> functions = TensorCodecs.of(
                texts -> Map.of(
                        "c",
                        Tensor.of(
                                texts.get(0).chars().toArray(), 1, texts.get(0).length())),
                (tensors, count) -> new ArrayList<>(List.of(1f, 2f)));
        Codec<String, Float> codec = TensorCodecs.padded(functions, Padding.of("c"));

        assertThat(codec.length("three")).isEqualTo(5);
        assertThat(codec.batchKey("a")).isEqualTo(codec.batchKey("abc"));
        assertThat(encoded(codec, List.of("a", "bc")).get("c").ints()).containsExactly('a', 0, 'b', 'c');
        assertThat(codec.decode(new Payload.Tensors(Map.of()), 2))
                .extracting(ItemResult::value)
                .containsExactly(1f, 2f);
    }

    @Test
    void padded_withoutCopying_sharesTheArrays() {
        long[] ids = {1, 2, 3};
        Payload.Tensors sent = (Payload.Tensors) padded(BOTH).encode(List.of(text(ids)));

        assertThat(sent.tensors().get("ids").longs()).isSameAs(ids);
    }

    @Test
    void misuse_isNamed() {
        Codec<Text, Score> wrongName =
                TensorCodecs.padded(TensorCodecs.records(Text.class, Score.class), Padding.of("input_ids"));

        assertThatThrownBy(() -> wrongName.encode(List.of(text(1))))
                .isInstanceOf(CodecException.class)
                .hasMessage("padding of [input_ids] where there is {ids=INT64 [1], mask=BOOL [1]}");
        assertThatThrownBy(() -> padded(BOTH).encode(List.of())).isInstanceOf(CodecException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorCodecs.padded(TensorCodecs.tensors(), BOTH))
                .withMessage("a codec of tensors that batches expected, not tensors -> tensors");
    }

    @Test
    void settings_areCheckedAndPrinted() {
        Padding padding = Padding.builder()
                .input("ids")
                .input("labels", -100)
                .lengths(32, 16)
                .batchSizes(8, 1)
                .cutOutputs("tags")
                .build();

        assertThat(padding).hasToString("pad {ids=0.0, labels=-100.0} to [16, 32], batches of [1, 8], cut [tags]");
        assertThat(padding.toBuilder().build()).hasToString(padding.toString());
        assertThat(padded(BOTH)).hasToString("Text -> Tags, pad {ids=0.0, mask=0.0} to the longest");
        assertThat(padding.lengths()).containsExactly(16, 32);
        assertThat(padding.batchSizes()).containsExactly(1, 8);
        assertThatIllegalArgumentException().isThrownBy(Padding::of).withMessageStartingWith("nothing to pad");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Padding.builder().batchSizes(1, 0))
                .withMessage("batchSizes < 1: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Padding.builder().batchSizes(1).lengths(2).build())
                .withMessage("lengths or cutOutputs without inputs");
    }
}
