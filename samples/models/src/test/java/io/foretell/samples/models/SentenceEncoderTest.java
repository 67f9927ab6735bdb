package io.foretell.samples.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.foretell.codec.ItemResult;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SentenceEncoderTest {
    private static SentenceEncoder encoder;
    private static SentenceCodec codec;

    @BeforeAll
    static void load() {
        encoder = SentenceEncoder.load();
        codec = SentenceCodec.load();
    }

    @AfterAll
    static void close() {
        codec.close();
        encoder.close();
    }

    @Test
    void embed_similarSentences_areNearerThanOthers() throws Exception {
        List<float[]> vectors = embed(List.of(
                "How do I reset my password?",
                "I forgot my login credentials and need to recover my account",
                "The train to Berlin leaves at seven"));

        double similar = cosine(vectors.get(0), vectors.get(1));
        double other = cosine(vectors.get(0), vectors.get(2));
        assertThat(similar).isGreaterThan(other + 0.3);
    }

    /**
     * Not equal to the last digit: activations are quantized to 8 bits with one scale for the whole batch, so company
     * moves a vector. Measured: cosines of 0.984 to 0.992. A mask that let padding in would lose far more.
     */
    @Test
    void embed_batchOfDifferentLengths_staysCloseToEachAlone() throws Exception {
        List<String> sentences = List.of(
                "Short.",
                "A sentence of medium length about nothing much.",
                "A rather longer sentence, which makes all the others in its batch be padded with a good many zeros.");

        List<float[]> together = embed(sentences);

        for (int i = 0; i < sentences.size(); i++) {
            float[] alone = embed(sentences.subList(i, i + 1)).get(0);
            assertThat(cosine(alone, together.get(i))).isBetween(0.97, 1.0001);
        }
    }

    @Test
    void embed_sameInput_isTheSameToTheBit() throws Exception {
        assertThat(embed(List.of("Twice.")).get(0))
                .isEqualTo(embed(List.of("Twice.")).get(0));
    }

    @Test
    void run_inputsOfDifferentShapes_saysSo() {
        Map<String, Tensor> inputs = Map.of(
                SentenceEncoder.IDS, Tensor.of(new long[6], 2, 3),
                SentenceEncoder.MASK, Tensor.of(new long[6], 3, 2),
                SentenceEncoder.TYPES, Tensor.of(new long[6], 2, 3));

        assertThatThrownBy(() -> encoder.run(inputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attention_mask");
    }

    @Test
    void encode_longText_isCutAt256Tokens() {
        Payload.Tensors payload = (Payload.Tensors) codec.encode(List.of("word ".repeat(1000), "word"));

        assertThat(payload.tensors().get(SentenceEncoder.IDS).shape().dims()).containsExactly(2, 256);
    }

    @Test
    void encode_sentencesOfAllLengths_arePaddedAsTheTokenizerItselfPads() throws Exception {
        List<String> sentences = List.of("Short.", "", "A sentence of a few more words.", "word ".repeat(300));
        Map<String, String> options = Map.of("padding", "true", "truncation", "true", "maxLength", "256");

        Map<String, Tensor> tensors = ((Payload.Tensors) codec.encode(sentences)).tensors();

        try (InputStream vocabulary = Resources.open(SentenceCodec.VOCABULARY);
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(vocabulary, options)) {
            Encoding[] expected = tokenizer.batchEncode(sentences);
            for (int i = 0; i < expected.length; i++) {
                assertThat(tensors.get(SentenceEncoder.IDS).row(i).longs()).isEqualTo(expected[i].getIds());
                assertThat(tensors.get(SentenceEncoder.MASK).row(i).longs()).isEqualTo(expected[i].getAttentionMask());
                assertThat(tensors.get(SentenceEncoder.TYPES).row(i).longs()).isEqualTo(expected[i].getTypeIds());
            }
        }
    }

    @Test
    void length_anySentence_isItsTokens() {
        assertThat(codec.length("")).isEqualTo(2);
        assertThat(codec.length("Short.")).isEqualTo(4);
        assertThat(codec.length("word ".repeat(300))).isEqualTo(256);
    }

    @Test
    void sizeOf_englishSentence_isNotLessThanItsTensors() {
        for (String sentence : List.of("", "a b c", "Unaffordable, unbelievable!", "word ".repeat(1000))) {
            assertThat(codec.sizeOf(sentence))
                    .isGreaterThanOrEqualTo(codec.encode(List.of(sentence)).byteLength());
        }
    }

    private static List<float[]> embed(List<String> sentences) throws Exception {
        Payload.Tensors encoded = (Payload.Tensors) codec.encode(sentences);
        Payload answer = new Payload.Tensors(encoder.run(encoded.tensors()));
        return codec.decode(answer, sentences.size()).stream()
                .map(ItemResult::value)
                .toList();
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
        }
        return dot;
    }
}
