package io.foretell.samples.models;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.codec.Padding;
import io.foretell.codec.TensorCodecs;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Between sentences and what {@link SentenceEncoder} takes and gives. The tokenizer runs here, in the client: a batch is
 * padded to its longest sentence, and a sentence of more than 256 tokens loses its end. {@link #length} counts tokens, so
 * that sentences of like length can be batched together.
 *
 * <p>Thread-safe. Close it after the predictors that use it: the tokenizer holds native memory.
 */
public final class SentenceCodec implements Codec<String, float[]>, AutoCloseable {
    static final String VOCABULARY = "/all-minilm-l6-v2-q-tokenizer.json";
    /** What the network was trained for. */
    private static final int MAX_TOKENS = 256;
    /** The tokens that the tokenizer puts before and after a sentence. */
    private static final int SPECIAL_TOKENS = 2;

    private final HuggingFaceTokenizer tokenizer;
    private final Codec<Sentence, Embedding> tensors = TensorCodecs.padded(
            TensorCodecs.records(Sentence.class, Embedding.class),
            Padding.of(SentenceEncoder.IDS, SentenceEncoder.MASK, SentenceEncoder.TYPES));

    /** The network's inputs for one sentence, by its names for them. */
    private record Sentence(long[] input_ids, long[] attention_mask, long[] token_type_ids) {}

    /** The network's output, by its name for it. */
    private record Embedding(float[] sentence_embedding) {}

    private SentenceCodec(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Loads the tokenizer, which takes well under a second and no network access. */
    public static SentenceCodec load() {
        stayOffline();
        Map<String, String> options =
                Map.of("padding", "false", "truncation", "true", "maxLength", Integer.toString(MAX_TOKENS));
        try (InputStream vocabulary = Resources.open(VOCABULARY)) {
            return new SentenceCodec(HuggingFaceTokenizer.newInstance(vocabulary, options));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load " + VOCABULARY, e);
        }
    }

    /** The tokenizer's library would otherwise report its use, and fetch another build where there is a GPU. */
    private static void stayOffline() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("RUST_FLAVOR", "cpu");
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.TENSORS;
    }

    @Override
    public Payload encode(List<String> sentences) {
        List<Sentence> tokens = new ArrayList<>(sentences.size());
        for (Encoding encoding : tokenizer.batchEncode(sentences)) {
            tokens.add(new Sentence(encoding.getIds(), encoding.getAttentionMask(), encoding.getTypeIds()));
        }
        return tensors.encode(tokens);
    }

    @Override
    public List<ItemResult<float[]>> decode(Payload payload, int count) {
        Payload named = new Payload.Tensors(Map.of(SentenceEncoder.EMBEDDING, vectors(payload)));
        List<ItemResult<float[]>> results = new ArrayList<>(count);
        for (ItemResult<Embedding> result : tensors.decode(named, count)) {
            results.add(ItemResult.of(result.value().sentence_embedding));
        }
        return results;
    }

    /** Rather too much: most tokens stand for several characters. */
    @Override
    public long sizeOf(String sentence) {
        return 3L * Long.BYTES * Math.min(sentence.length() + SPECIAL_TOKENS, MAX_TOKENS);
    }

    /** In tokens. To count them is to make them, which takes a small part of the time that the network does. */
    @Override
    public int length(String sentence) {
        return tokenizer.encode(sentence).getIds().length;
    }

    /** The one output, whatever its name: TensorFlow Serving's JSON leaves out the name of an only output. */
    private static Tensor vectors(Payload payload) {
        if (payload instanceof Payload.Tensors answer && answer.tensors().size() == 1) {
            return answer.tensors().values().iterator().next();
        }
        throw new IllegalArgumentException("expected the one output " + SentenceEncoder.EMBEDDING + ", got " + payload);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
