package io.foretell.samples.models;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Between sentences and what {@link SentenceEncoder} takes and gives. The tokenizer runs here, in the client: a batch is
 * padded to its longest sentence, and a sentence of more than 256 tokens loses its end.
 *
 * <p>Thread-safe. Close it after the predictors that use it: the tokenizer holds native memory.
 */
public final class SentenceCodec implements Codec<String, float[]>, AutoCloseable {
    private static final String VOCABULARY = "/all-minilm-l6-v2-q-tokenizer.json";
    /** What the network was trained for. */
    private static final int MAX_TOKENS = 256;

    private final HuggingFaceTokenizer tokenizer;

    private SentenceCodec(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Loads the tokenizer, which takes well under a second and no network access. */
    public static SentenceCodec load() {
        stayOffline();
        Map<String, String> options =
                Map.of("padding", "true", "truncation", "true", "maxLength", Integer.toString(MAX_TOKENS));
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
        Encoding[] encodings = tokenizer.batchEncode(sentences);
        int tokens = encodings[0].getIds().length;
        long[] ids = new long[encodings.length * tokens];
        long[] mask = new long[ids.length];
        long[] types = new long[ids.length];
        for (int i = 0; i < encodings.length; i++) {
            System.arraycopy(encodings[i].getIds(), 0, ids, i * tokens, tokens);
            System.arraycopy(encodings[i].getAttentionMask(), 0, mask, i * tokens, tokens);
            System.arraycopy(encodings[i].getTypeIds(), 0, types, i * tokens, tokens);
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put(SentenceEncoder.IDS, Tensor.of(ids, encodings.length, tokens));
        tensors.put(SentenceEncoder.MASK, Tensor.of(mask, encodings.length, tokens));
        tensors.put(SentenceEncoder.TYPES, Tensor.of(types, encodings.length, tokens));
        return new Payload.Tensors(tensors);
    }

    @Override
    public List<ItemResult<float[]>> decode(Payload payload, int count) {
        Tensor vectors = vectors(payload);
        if (vectors.shape().rank() != 2 || vectors.shape().dim(0) != count) {
            throw new IllegalArgumentException("expected " + count + " vectors, got " + vectors);
        }
        List<ItemResult<float[]>> results = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            results.add(ItemResult.of(vectors.row(i).floats()));
        }
        return results;
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
