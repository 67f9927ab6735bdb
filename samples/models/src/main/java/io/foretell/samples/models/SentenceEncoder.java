package io.foretell.samples.models;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import io.foretell.testing.Model;
import io.foretell.testing.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A BERT sentence encoder, all-MiniLM-L6-v2 with 8-bit weights, on ONNX Runtime: token ids in, one vector of 384 floats
 * and length 1 out for each sentence. {@link SentenceCodec} makes its inputs of text.
 *
 * <p>Thread-safe; each run computes on one thread, the caller's. The network quantizes activations with one scale for
 * the whole batch, so a sentence's vector depends a little on its company. {@link #close()} waits for the runs in
 * progress.
 */
public final class SentenceEncoder implements Model, AutoCloseable {
    static final String IDS = "input_ids";
    static final String MASK = "attention_mask";
    static final String TYPES = "token_type_ids";
    static final String EMBEDDING = "sentence_embedding";
    static final int WIDTH = 384;

    private static final String NETWORK = "/all-minilm-l6-v2-q.onnx";
    private static final Map<String, TensorSpec> INPUTS = Map.of(
            IDS, TensorSpec.of(DType.INT64, -1, -1),
            MASK, TensorSpec.of(DType.INT64, -1, -1),
            TYPES, TensorSpec.of(DType.INT64, -1, -1));
    private static final Map<String, TensorSpec> OUTPUTS = Map.of(EMBEDDING, TensorSpec.of(DType.FLOAT32, -1, WIDTH));

    private final OrtEnvironment environment;
    private final OrtSession session;
    /** Read by each run, written by close: the native session must outlive its runs. */
    private final ReadWriteLock running = new ReentrantReadWriteLock();

    private boolean closed;

    private SentenceEncoder(OrtEnvironment environment, OrtSession session) {
        this.environment = environment;
        this.session = session;
    }

    /** Loads the network, which takes about a second and no network access. */
    public static SentenceEncoder load() {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            return new SentenceEncoder(environment, environment.createSession(Resources.bytes(NETWORK), options));
        } catch (OrtException e) {
            throw new UncheckedIOException("cannot load " + NETWORK, new IOException(e));
        }
    }

    @Override
    public Map<String, TensorSpec> inputs() {
        return INPUTS;
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return OUTPUTS;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
        Tensor ids = input(inputs, IDS);
        Tensor mask = input(inputs, MASK);
        Tensor types = input(inputs, TYPES);
        if (ids.shape().rank() != 2
                || !mask.shape().equals(ids.shape())
                || !types.shape().equals(ids.shape())) {
            throw new IllegalArgumentException("inputs must be of one shape [sentences, tokens]: " + inputs);
        }
        running.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the sentence encoder is closed");
            }
            return Map.of(EMBEDDING, embed(ids, mask, types));
        } finally {
            running.readLock().unlock();
        }
    }

    private static Tensor input(Map<String, Tensor> inputs, String name) {
        Tensor tensor = inputs.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("input " + name + " is missing");
        }
        return tensor;
    }

    private Tensor embed(Tensor ids, Tensor mask, Tensor types) throws OrtException {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        try {
            feed.put(IDS, onnx(ids));
            feed.put(MASK, onnx(mask));
            feed.put(TYPES, onnx(types));
            try (OrtSession.Result result = session.run(feed)) {
                FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
                int sentences = Math.toIntExact(ids.shape().dim(0));
                int tokens = Math.toIntExact(ids.shape().dim(1));
                return Tensor.of(MeanPooling.pool(states, mask.longs(), sentences, tokens, WIDTH), sentences, WIDTH);
            }
        } finally {
            feed.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor onnx(Tensor tensor) throws OrtException {
        return OnnxTensor.createTensor(
                environment, LongBuffer.wrap(tensor.longs()), tensor.shape().dims());
    }

    @Override
    public void close() {
        running.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException("cannot close the sentence encoder", e);
        } finally {
            running.writeLock().unlock();
        }
    }
}
