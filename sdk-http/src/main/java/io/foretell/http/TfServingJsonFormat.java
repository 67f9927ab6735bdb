package io.foretell.http;

import io.foretell.http.internal.TfServingJson;
import io.foretell.http.internal.TfServingJson.Form;
import io.foretell.tensor.DType;
import io.foretell.transport.Payload;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of TensorFlow Serving's REST interface. Immutable and thread-safe; each setting gives a changed copy.
 *
 * <p><b>Writing.</b> {@code {"inputs": {name: value}}}, or by {@link #rows()} {@code {"instances": [{name: value}]}}.
 * Numbers are written so that they read back to the same bits (but for the payload of a NaN), floating-point ones always
 * with a decimal point, NaN and infinities as the bare words that TensorFlow Serving knows. Strings are JSON strings where
 * they are UTF-8, and {@code {"b64": …}} where they are not or the tensor's name ends in {@code _bytes}. FLOAT16, BFLOAT16,
 * complex and quantized tensors are refused: JSON has no form for them, gRPC has.
 *
 * <p><b>Reading.</b> {@code "outputs"} or {@code "predictions"}, whichever there is. JSON has no dtypes: a tensor in which
 * a number has a fraction or exponent, or is NaN or infinite, is FLOAT32, one of other numbers INT64, unless declared by
 * {@link #output}; an empty one is FLOAT32. TensorFlow Serving leaves out the name of a single output: it is called what
 * the only declared output is called, else {@code output_0}.
 *
 * <p>Limits on reading: nesting 64, numbers of 100 characters, names of 1,024, strings of 1,048,576, base64 included. The
 * document is bounded by the transport's {@code maxResponseBytes}, the memory of its tensors while they are read by 64 MiB
 * or twice the document, whichever is more. Repeated names, ragged arrays and numbers out of range are errors.
 */
public final class TfServingJsonFormat implements TensorFormat {
    static final TfServingJsonFormat DEFAULT = new TfServingJsonFormat(false, null, Map.of());

    private static final int MAX_STRING_CHARS = 1 << 20;
    private static final long FREE_ELEMENT_BYTES = 64L << 20;
    private static final TfServingJson JSON = new TfServingJson(MAX_STRING_CHARS, FREE_ELEMENT_BYTES);

    private final boolean rows;
    private final @Nullable String signature;
    private final Map<String, DType> outputs;

    private TfServingJsonFormat(boolean rows, @Nullable String signature, Map<String, DType> outputs) {
        this.rows = rows;
        this.signature = signature;
        this.outputs = outputs;
    }

    /** Writes one entry per row of the tensors, which must agree in their first dimension. Default: by columns. */
    public TfServingJsonFormat rows() {
        return new TfServingJsonFormat(true, signature, outputs);
    }

    /** Names the model's signature. Default: none, for the server's {@code serving_default}. */
    public TfServingJsonFormat signature(String signature) {
        Objects.requireNonNull(signature, "signature");
        return new TfServingJsonFormat(rows, signature, outputs);
    }

    /**
     * Declares an output's dtype. Default: what the values suggest.
     *
     * @throws IllegalArgumentException if JSON has no form for the dtype
     */
    public TfServingJsonFormat output(String name, DType dtype) {
        if (!TfServingJson.carries(dtype)) {
            throw new IllegalArgumentException("output " + name + ": JSON has no form for " + dtype + ", use gRPC");
        }
        Map<String, DType> grown = new HashMap<>(outputs);
        grown.put(name, dtype);
        return new TfServingJsonFormat(rows, signature, Map.copyOf(grown));
    }

    /** {@code application/json}. */
    @Override
    public String mediaType() {
        return TfServingJson.MEDIA_TYPE;
    }

    @Override
    public Payload.Bytes write(Payload.Tensors tensors) {
        Form form = rows ? Form.INSTANCES : Form.INPUTS;
        return new Payload.Bytes(mediaType(), JSON.write(form, tensors.tensors(), signature, false));
    }

    @Override
    public Payload.Tensors read(Payload.Bytes body) {
        String unnamed = outputs.size() == 1 ? outputs.keySet().iterator().next() : TfServingJson.UNNAMED;
        return new Payload.Tensors(JSON.read(body.content(), Form.OUTPUTS, Form.PREDICTIONS, outputs, unnamed)
                .tensors());
    }

    /** The form and the declared outputs. */
    @Override
    public String toString() {
        return "TensorFlow Serving JSON by " + (rows ? "rows" : "columns") + (outputs.isEmpty() ? "" : " " + outputs);
    }
}
