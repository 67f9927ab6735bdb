package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.foretell.error.InferenceException;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one tensor from nested arrays. The first value sets the shape, every later one must have it. Memory grows with
 * the elements that were read, never with what a shape promises.
 */
final class TensorReader {
    static final String BASE64 = "b64";

    private static final int UNKNOWN = -1;

    private final String name;
    private final @Nullable DType declared;
    private final ElementBudget budget;
    private @Nullable Elements elements;
    private long[] dims = new long[4];
    private int rank = UNKNOWN;
    private int values;

    /** A reader of a tensor of the declared dtype; null to take the one that the values suggest. */
    TensorReader(String name, @Nullable DType declared, ElementBudget budget) {
        this.name = name;
        this.declared = declared;
        this.budget = budget;
        if (declared != null) {
            elements = Elements.of(name, declared);
        }
    }

    /** Reads the value that starts at the current token. */
    void read(JsonParser in) throws IOException {
        readAt(in, 0);
        values++;
    }

    /** Reads a string element of which the member's name is the current token. */
    void readBase64(JsonParser in) throws IOException {
        addBase64(in, 0);
        values++;
    }

    private void readAt(JsonParser in, int axis) throws IOException {
        JsonToken token = in.currentToken();
        if (token == JsonToken.START_ARRAY) {
            readArray(in, axis);
        } else if (token == JsonToken.START_OBJECT) {
            if (in.nextToken() != JsonToken.FIELD_NAME || !in.currentName().equals(BASE64)) {
                throw fault("holds an object other than {\"b64\": …}");
            }
            addBase64(in, axis);
        } else {
            endShape(axis);
            Elements held = elements(token);
            budget.take(held.bytesPerElement() + (token == JsonToken.VALUE_STRING ? in.getTextLength() : 0));
            held.add(in, token);
        }
    }

    private void readArray(JsonParser in, int axis) throws IOException {
        if (rank != UNKNOWN && axis >= rank) {
            throw ragged();
        }
        long count = 0;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            readAt(in, axis + 1);
            count++;
        }
        if (rank == UNKNOWN) { // the first array that ends is an empty one, with nothing within
            setRank(axis + 1);
        }
        if (dims[axis] == UNKNOWN) {
            dims[axis] = count;
        } else if (dims[axis] != count) {
            throw ragged();
        }
    }

    private void addBase64(JsonParser in, int axis) throws IOException {
        endShape(axis);
        if (in.nextToken() != JsonToken.VALUE_STRING) {
            throw fault("holds a \"b64\" that is not a string");
        }
        Elements held = elements(JsonToken.VALUE_STRING);
        budget.take(held.bytesPerElement() + in.getTextLength());
        held.addBase64(in.getText());
        if (in.nextToken() != JsonToken.END_OBJECT) {
            throw fault("holds an object with \"b64\" and more");
        }
    }

    private void endShape(int axis) {
        if (rank == UNKNOWN) {
            setRank(axis);
        } else if (rank != axis) {
            throw ragged();
        }
    }

    private void setRank(int rank) {
        this.rank = rank;
        dims = new long[rank];
        Arrays.fill(dims, UNKNOWN);
    }

    private Elements elements(JsonToken token) {
        if (elements == null) {
            elements = Elements.of(name, Elements.suggested(name, token));
        } else if (declared == null) {
            elements = elements.widenedFor(token);
        }
        return elements;
    }

    /** The value that was read. */
    Tensor whole() {
        return tensor(Shape.of(known()));
    }

    /** The values that were read as rows of a new first axis. */
    Tensor rows(int count) {
        if (values != count) {
            throw fault("is in " + values + " of " + count + " rows");
        }
        return tensor(Shape.of(known()).prepend(count));
    }

    private long[] known() {
        return rank == UNKNOWN ? new long[0] : dims;
    }

    private Tensor tensor(Shape shape) {
        Elements held = elements == null ? Elements.of(name, DType.FLOAT32) : elements;
        return Tensor.ofArray(held.dtype, held.array(), shape);
    }

    private InferenceException ragged() {
        return fault("is ragged: its nested arrays differ in length or depth");
    }

    private InferenceException fault(String what) {
        return JsonFailures.unreadable("tensor " + name + " " + what);
    }
}
