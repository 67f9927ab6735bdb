package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import io.foretell.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/** Writes one tensor as nested arrays, at once or row after row. */
final class TensorWriter {
    private static final String BYTES_SUFFIX = "_bytes";

    private final Tensor tensor;
    private final Object elements;
    private final boolean base64;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private int next;

    TensorWriter(String name, Tensor tensor) {
        if (!TfServingJson.carries(tensor.dtype())) {
            throw JsonFailures.unwritable(
                    "tensor " + name + " " + tensor + ": TensorFlow Serving's JSON has no such dtype, use gRPC");
        }
        this.tensor = tensor;
        this.elements = tensor.elements();
        this.base64 = name.endsWith(BYTES_SUFFIX);
    }

    /** Writes the next part of the tensor that has the dimensions from {@code axis} on. */
    void write(JsonGenerator out, int axis) throws IOException {
        if (axis == tensor.shape().rank()) {
            writeElement(out, next++);
            return;
        }
        out.writeStartArray();
        for (long i = 0; i < tensor.shape().dim(axis); i++) {
            write(out, axis + 1);
        }
        out.writeEndArray();
    }

    private void writeElement(JsonGenerator out, int i) throws IOException {
        switch (tensor.dtype()) {
            case FLOAT32 -> out.writeNumber(((float[]) elements)[i]);
            case FLOAT64 -> out.writeNumber(((double[]) elements)[i]);
            case INT8 -> out.writeNumber(((byte[]) elements)[i]);
            case UINT8 -> out.writeNumber(((byte[]) elements)[i] & 0xFF);
            case INT16 -> out.writeNumber(((short[]) elements)[i]);
            case UINT16 -> out.writeNumber(((short[]) elements)[i] & 0xFFFF);
            case INT32 -> out.writeNumber(((int[]) elements)[i]);
            case UINT32 -> out.writeNumber(((int[]) elements)[i] & 0xFFFF_FFFFL);
            case INT64 -> out.writeNumber(((long[]) elements)[i]);
            case UINT64 -> out.writeNumber(Long.toUnsignedString(((long[]) elements)[i]));
            case BOOL -> out.writeBoolean(((boolean[]) elements)[i]);
            default -> writeString(out, ((byte[][]) elements)[i]);
        }
    }

    private void writeString(JsonGenerator out, byte[] value) throws IOException {
        if (!base64) {
            try {
                out.writeString(utf8.decode(ByteBuffer.wrap(value)).toString());
                return;
            } catch (CharacterCodingException e) {
                // not text: falls through to bytes
            }
        }
        out.writeStartObject();
        out.writeFieldName(TensorReader.BASE64);
        out.writeBinary(value);
        out.writeEndObject();
    }
}
