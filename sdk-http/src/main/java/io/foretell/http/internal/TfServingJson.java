package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow Serving's REST JSON in both directions, for the client and for the sandbox server. Immutable and
 * thread-safe.
 *
 * <p>Not for users: may change in any release.
 */
public final class TfServingJson {
    /** The media type of the documents. */
    public static final String MEDIA_TYPE = "application/json";

    /** The name a single tensor without one gets on reading, unless the caller knows better. */
    public static final String UNNAMED = "output_0";

    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_CHARS = 100;
    private static final int MAX_NAME_CHARS = 1024;

    private final JsonFactory json;
    private final long freeElementBytes;

    /**
     * A reader and writer with its limits for reading.
     *
     * @param maxStringChars the longest string, base64 included
     * @param freeElementBytes the memory that the tensors of any document may take; those of a large one may take twice
     *     its length instead. The length itself is for the caller to bound
     */
    public TfServingJson(int maxStringChars, long freeElementBytes) {
        this.freeElementBytes = freeElementBytes;
        json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(MAX_NUMBER_CHARS)
                        .maxNameLength(MAX_NAME_CHARS)
                        .maxStringLength(maxStringChars)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .build();
    }

    /** The member that holds the tensors, and how: which side's document this is, in which form. */
    public enum Form {
        /** A request, tensors by name. */
        INPUTS("inputs", false),
        /** A request, one entry per row. */
        INSTANCES("instances", true),
        /** An answer, tensors by name. */
        OUTPUTS("outputs", false),
        /** An answer, one entry per row. */
        PREDICTIONS("predictions", true);

        private final String key;
        private final boolean rows;

        Form(String key, boolean rows) {
            this.key = key;
            this.rows = rows;
        }

        /** The member's name. */
        public String key() {
            return key;
        }
    }

    /** Whether tensors of this dtype can travel as JSON. */
    public static boolean carries(DType dtype) {
        return switch (dtype) {
            case FLOAT32, FLOAT64, BOOL, STRING, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> true;
            default -> false;
        };
    }

    /** What a document held. */
    public record Document(
            Form form,
            Map<String, Tensor> tensors,
            @Nullable String signatureName) {}

    /**
     * Writes a document.
     *
     * @param signatureName null to leave it out
     * @param bare writes a single tensor's value without its name, as TensorFlow Serving answers
     * @throws io.foretell.error.CodecException if JSON cannot carry a tensor, or the rows do not fit together
     */
    public ByteBuffer write(Form form, Map<String, Tensor> tensors, @Nullable String signatureName, boolean bare) {
        Sink sink = new Sink();
        try (JsonGenerator out = json.createGenerator(sink, JsonEncoding.UTF8)) {
            out.writeStartObject();
            if (signatureName != null) {
                out.writeStringField("signature_name", signatureName);
            }
            out.writeFieldName(form.key);
            writeTensors(out, form, tensors, bare && tensors.size() == 1);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return sink.view();
    }

    private static void writeTensors(JsonGenerator out, Form form, Map<String, Tensor> tensors, boolean bare)
            throws IOException {
        Map<String, TensorWriter> writers = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> writers.put(name, new TensorWriter(name, tensor)));
        if (!form.rows) {
            writeEntry(out, writers, 0, bare);
            return;
        }
        out.writeStartArray();
        for (long row = 0, rows = rows(tensors); row < rows; row++) {
            writeEntry(out, writers, 1, bare);
        }
        out.writeEndArray();
    }

    private static void writeEntry(JsonGenerator out, Map<String, TensorWriter> writers, int axis, boolean bare)
            throws IOException {
        if (!bare) {
            out.writeStartObject();
        }
        for (Map.Entry<String, TensorWriter> writer : writers.entrySet()) {
            if (!bare) {
                out.writeFieldName(writer.getKey());
            }
            writer.getValue().write(out, axis);
        }
        if (!bare) {
            out.writeEndObject();
        }
    }

    private static long rows(Map<String, Tensor> tensors) {
        long rows = -1;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Shape shape = entry.getValue().shape();
            if (shape.rank() == 0 || rows >= 0 && shape.dim(0) != rows) {
                throw JsonFailures.unwritable("tensor " + entry.getKey() + " " + entry.getValue()
                        + " cannot be written by rows: " + (rows < 0 ? "it has none" : rows + " rows expected"));
            }
            rows = shape.dim(0);
        }
        return Math.max(0, rows);
    }

    /**
     * Reads a document that has one of two members.
     *
     * @param columns the columnar form to look for
     * @param rows the row form to look for
     * @param dtypes declared dtypes by name; a tensor of another name gets the dtype that its values suggest
     * @param unnamed the name for a value that has none
     * @throws io.foretell.error.InferenceException PROTOCOL where this is no JSON, CODEC where it says something else,
     *     PAYLOAD_TOO_LARGE where its tensors would take too much memory
     */
    public Document read(ByteBuffer content, Form columns, Form rows, Map<String, DType> dtypes, String unnamed) {
        ElementBudget budget = new ElementBudget(Math.max(freeElementBytes, 2L * content.remaining()));
        try (JsonParser in = json.createParser(new ByteBufferBackedInputStream(content))) {
            return new DocumentReader(in, dtypes, unnamed, budget).read(columns, rows);
        } catch (JsonProcessingException e) {
            throw JsonFailures.malformed("the document", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
    }

    /** Hands out its bytes without copying them. */
    private static final class Sink extends ByteArrayOutputStream {
        private static final int FIRST_BYTES = 8192;

        Sink() {
            super(FIRST_BYTES);
        }

        ByteBuffer view() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }
}
