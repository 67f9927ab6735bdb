package io.foretell.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.Predictor;
import io.foretell.policy.BatchPolicy;
import io.foretell.policy.RetryPolicy;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FakeTransport;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Random texts of random lengths, through a model that sees the padding and heeds its mask. */
class PaddingPropertyTest {
    private static final long SEED = 20_240_229;
    private static final int WIDTH = 3;
    private static final int PAD = -7;

    private record Text(int[] ids, boolean[] mask, float[][] vectors, int bias) {}

    private record Answer(long sum, float[] mean, int[] tags) {}

    private static final Padding PADDING = Padding.builder()
            .input("ids", PAD)
            .input("mask")
            .input("vectors", Double.NaN)
            .cutOutputs("tags")
            .build();

    private final Random random = new Random(SEED);

    private static Codec<Text, Answer> codec(Padding padding) {
        return TensorCodecs.padded(TensorCodecs.records(Text.class, Answer.class), padding);
    }

    private Text text() {
        int length = 1 + random.nextInt(40);
        boolean[] mask = new boolean[length];
        Arrays.fill(mask, true);
        float[][] vectors = new float[length][WIDTH];
        for (float[] vector : vectors) {
            for (int k = 0; k < WIDTH; k++) {
                vector[k] = random.nextInt(100);
            }
        }
        int[] ids = random.ints(length, 0, 1000).toArray();
        return new Text(ids, mask, vectors, random.nextInt());
    }

    private List<Text> texts(int count) {
        List<Text> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(text());
        }
        return texts;
    }

    /** What the model gives for one text, told without a batch. */
    private static Answer expected(Text text) {
        long sum = text.bias;
        float[] mean = new float[WIDTH];
        int[] tags = new int[text.ids.length];
        for (int i = 0; i < tags.length; i++) {
            sum += text.ids[i];
            tags[i] = 2 * text.ids[i];
            for (int k = 0; k < WIDTH; k++) {
                mean[k] += text.vectors[i][k];
            }
        }
        return new Answer(sum, mean, tags);
    }

    /** The same of a batch. */
    private static Payload model(Payload payload) {
        Map<String, Tensor> inputs = ((Payload.Tensors) payload).tensors();
        Shape shape = inputs.get("ids").shape();
        int rows = (int) shape.dim(0);
        int length = (int) shape.dim(1);
        int[] ids = inputs.get("ids").ints();
        boolean[] mask = inputs.get("mask").booleans();
        float[] vectors = inputs.get("vectors").floats();
        long[] sums = Arrays.stream(inputs.get("bias").ints()).asLongStream().toArray();
        float[] means = new float[rows * WIDTH];
        int[] tags = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tags[i] = 2 * ids[i];
            if (mask[i] == (ids[i] == PAD)) {
                throw new AssertionError("the mask is wrong at " + i);
            }
            if (mask[i]) {
                sums[i / length] += ids[i];
                for (int k = 0; k < WIDTH; k++) {
                    means[i / length * WIDTH + k] += vectors[i * WIDTH + k];
                }
            }
        }
        return new Payload.Tensors(Map.of(
                "sum", Tensor.of(sums),
                "mean", Tensor.of(means, rows, WIDTH),
                "tags", Tensor.of(tags, rows, length),
                "vocabulary", Tensor.of(new float[rows])));
    }

    private static void assertEachItsOwn(List<Answer> answers, List<Text> texts) {
        assertThat(answers).hasSameSizeAs(texts);
        for (int i = 0; i < answers.size(); i++) {
            Answer expected = expected(texts.get(i));
            assertThat(answers.get(i).sum).isEqualTo(expected.sum);
            assertThat(answers.get(i).mean).isEqualTo(expected.mean);
            assertThat(answers.get(i).tags).isEqualTo(expected.tags);
        }
    }

    @Test
    void b17_randomRaggedBatches_giveEachInputItsOwnAnswer() {
        List<Padding> paddings = List.of(
                PADDING,
                PADDING.toBuilder().lengths(8, 16, 64).build(),
                PADDING.toBuilder().batchSizes(1, 8, 32).build(),
                PADDING.toBuilder().lengths(64).batchSizes(32).build());
        for (int i = 0; i < 200; i++) {
            Codec<Text, Answer> codec = codec(paddings.get(i % paddings.size()));
            List<Text> texts = texts(1 + random.nextInt(32));

            Payload answer = model(codec.encode(texts));

            assertEachItsOwn(
                    codec.decode(answer, texts).stream().map(ItemResult::value).toList(), texts);
        }
    }

    @Test
    void b17_batchLargerThanAllowed_isSplitByThePredictor_andAnsweredInFull() {
        FakeTransport transport = new FakeTransport().answer(request -> InferenceResponse.of(model(request.payload())));
        List<Text> texts = texts(100);
        try (Predictor<Text, Answer> predictor = Predictor.builder(codec(
                        PADDING.toBuilder().lengths(16, 64).batchSizes(1, 8, 32).build()))
                .transport(transport)
                .retry(RetryPolicy.none())
                .build()) {
            assertEachItsOwn(predictor.predictAll(texts), texts);
        }
        assertThat(transport.sent()).hasSize(4).allSatisfy(sent -> {
            Payload.Tensors tensors = (Payload.Tensors) sent.request().payload();
            assertThat(sent.request().itemCount()).isEqualTo(25);
            assertThat(tensors.tensors().get("ids").shape()).isEqualTo(Shape.of(32, 64));
        });
    }

    @Test
    void b17_batchedCalls_inBucketsOfLength_areNotPaddedPastTheirBucket_andEachHasItsOwnAnswer() {
        FakeTransport transport = new FakeTransport().hold();
        List<Text> texts = texts(100);
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        try (Predictor<Text, Answer> predictor = Predictor.builder(
                        codec(PADDING.toBuilder().batchSizes(1, 8, 32).build()))
                .transport(transport)
                .retry(RetryPolicy.none())
                .batching(BatchPolicy.builder().maxItems(32).lengthBuckets(12).build())
                .callbackExecutor(Runnable::run)
                .build()) {
            texts.forEach(text -> calls.add(predictor.predictAsync(text)));
            for (int i = 0; i < transport.sends(); i++) { // each answer lets the next go
                FakeTransport.Sent sent = transport.sent(i);
                sent.answer().complete(InferenceResponse.of(model(sent.request().payload())));
            }
        }
        assertEachItsOwn(calls.stream().map(CompletableFuture::join).toList(), texts);
        assertThat(transport.sends()).isBetween(4, 10);
        assertThat(transport.sent()).allSatisfy(sent -> {
            int[] lengths = lengths(sent.request());
            int longest = Arrays.stream(lengths).max().orElseThrow();
            assertThat(Arrays.stream(lengths).allMatch(length -> length <= 12 == longest <= 12))
                    .isTrue();
            assertThat(shape(sent.request()).dim(0)).isIn(1L, 8L, 32L);
            assertThat(shape(sent.request()).dim(1)).isEqualTo(longest);
        });
    }

    private static Shape shape(InferenceRequest request) {
        return ((Payload.Tensors) request.payload()).tensors().get("mask").shape();
    }

    /** Of the texts in a request, by their masks. */
    private static int[] lengths(InferenceRequest request) {
        Tensor masks = ((Payload.Tensors) request.payload()).tensors().get("mask");
        int[] lengths = new int[(int) masks.shape().dim(0)];
        for (int i = 0; i < lengths.length; i++) {
            for (boolean real : masks.row(i).booleans()) {
                lengths[i] += real ? 1 : 0;
            }
        }
        return lengths;
    }
}
