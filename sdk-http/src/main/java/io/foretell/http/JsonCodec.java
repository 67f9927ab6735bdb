package io.foretell.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.http.internal.JsonFailures;
import io.foretell.transport.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The two JSON codecs. Jackson's messages quote the document, so failures tell the place and no more. */
abstract class JsonCodec<I, O> implements Codec<I, O> {
    private static final String MEDIA_TYPE = "application/json";
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME_CHARS = 1024;
    private static final long MAX_DOCUMENT_BYTES = 256L << 20;
    private static final ObjectMapper MAPPER = mapper();

    private final ObjectWriter writer;
    private final ObjectReader reader;
    private final JavaType answer;

    private JsonCodec(JavaType question, JavaType answer) {
        this.writer = MAPPER.writerFor(question);
        this.reader = MAPPER.readerFor(answer);
        this.answer = answer;
    }

    private static ObjectMapper mapper() {
        JsonFactory json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNameLength(MAX_NAME_CHARS)
                        .maxDocumentLength(MAX_DOCUMENT_BYTES)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return JsonMapper.builder(json)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.BYTES;
    }

    Payload.Bytes write(Object value) {
        try {
            return Payload.Bytes.of(MEDIA_TYPE, writer.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw JsonFailures.unwritable(value.getClass().getName() + " cannot be written as JSON" + place(e));
        }
    }

    <T> T read(Payload payload) {
        if (!(payload instanceof Payload.Bytes body)) {
            throw JsonFailures.unreadable("a JSON body expected, not " + payload);
        }
        T value;
        try {
            value = reader.readValue(new ByteBufferBackedInputStream(body.content()));
        } catch (JsonMappingException e) {
            throw JsonFailures.unreadable("the answer is not a " + answer.toCanonical() + place(e));
        } catch (JsonProcessingException e) {
            throw JsonFailures.malformed("the answer", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        if (value == null) {
            throw JsonFailures.unreadable("the answer is null, not a " + answer.toCanonical());
        }
        return value;
    }

    private static String place(JsonProcessingException fault) {
        StringBuilder path = new StringBuilder();
        if (fault instanceof JsonMappingException mapping) {
            for (JsonMappingException.Reference step : mapping.getPath()) {
                path.append('/').append(step.getFieldName() == null ? step.getIndex() : step.getFieldName());
            }
        }
        return path.isEmpty() ? "" : ": see " + path;
    }

    static final class One<I, O> extends JsonCodec<I, O> {
        One(Class<I> input, Class<O> output) {
            super(MAPPER.constructType(input), MAPPER.constructType(output));
        }

        @Override
        public boolean batches() {
            return false;
        }

        @Override
        public Payload encode(List<I> inputs) {
            return write(inputs.get(0));
        }

        @Override
        public List<ItemResult<O>> decode(Payload payload, int count) {
            return List.of(ItemResult.of(this.<O>read(payload)));
        }
    }

    static final class Many<I, O> extends JsonCodec<I, O> {
        Many(Class<I> input, Class<O> output) {
            super(
                    MAPPER.getTypeFactory().constructCollectionType(List.class, input),
                    MAPPER.getTypeFactory().constructCollectionType(List.class, output));
        }

        @Override
        public Payload encode(List<I> inputs) {
            return write(inputs);
        }

        @Override
        public List<ItemResult<O>> decode(Payload payload, int count) {
            List<O> outputs = read(payload);
            List<ItemResult<O>> results = new ArrayList<>(outputs.size());
            for (O output : outputs) {
                if (output == null) {
                    throw JsonFailures.unreadable("answer " + results.size() + " of " + outputs.size() + " is null");
                }
                results.add(ItemResult.of(output));
            }
            return results;
        }
    }
}
