package io.foretell.http.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.foretell.http.internal.TfServingJson.Document;
import io.foretell.http.internal.TfServingJson.Form;
import io.foretell.tensor.DType;
import io.foretell.tensor.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one document in one pass. A value without a name is one of the tensor {@code unnamed}. */
final class DocumentReader {
    /** About what a tensor takes apart from its elements. */
    private static final int TENSOR_BYTES = 256;

    private final JsonParser in;
    private final ElementBudget budget;
    private final Map<String, DType> dtypes;
    private final String unnamed;
    private final Map<String, TensorReader> readers = new LinkedHashMap<>();
    private @Nullable Form form;
    private @Nullable String signatureName;
    private int rowCount;

    DocumentReader(JsonParser in, Map<String, DType> dtypes, String unnamed, ElementBudget budget) {
        this.in = in;
        this.dtypes = dtypes;
        this.unnamed = unnamed;
        this.budget = budget;
    }

    Document read(Form columns, Form rows) throws IOException {
        if (in.nextToken() != JsonToken.START_OBJECT) {
            throw JsonFailures.unreadable("the document is not a JSON object");
        }
        while (in.nextToken() != JsonToken.END_OBJECT) {
            readMember(in.currentName(), columns, rows);
        }
        if (in.nextToken() != null) {
            throw JsonFailures.unreadable("the document goes on after its end");
        }
        if (form == null) {
            throw JsonFailures.unreadable(
                    "the document has neither \"" + columns.key() + "\" nor \"" + rows.key() + "\"");
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        readers.forEach((name, reader) -> tensors.put(name, form == rows ? reader.rows(rowCount) : reader.whole()));
        return new Document(form, tensors, signatureName);
    }

    private void readMember(String name, Form columns, Form rows) throws IOException {
        in.nextToken();
        if (name.equals(columns.key())) {
            start(columns);
            readEntry();
        } else if (name.equals(rows.key())) {
            start(rows);
            readRows(name);
        } else {
            if (name.equals("signature_name")) {
                signatureName = in.getValueAsString();
            }
            in.skipChildren();
        }
    }

    private void start(Form found) {
        if (form != null) {
            throw JsonFailures.unreadable("the document has both \"" + form.key() + "\" and \"" + found.key() + "\"");
        }
        form = found;
    }

    private void readRows(String key) throws IOException {
        if (in.currentToken() != JsonToken.START_ARRAY) {
            throw JsonFailures.unreadable("\"" + key + "\" is not an array");
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
            readEntry();
            rowCount++;
        }
        if (rowCount == 0) {
            reader(unnamed);
        }
    }

    /** Values by name, or one value. */
    private void readEntry() throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            reader(unnamed).read(in);
            return;
        }
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            if (name.equals(TensorReader.BASE64)) {
                reader(unnamed).readBase64(in);
                return;
            }
            in.nextToken();
            reader(name).read(in);
        }
    }

    private TensorReader reader(String name) {
        return readers.computeIfAbsent(name, key -> {
            budget.take(TENSOR_BYTES);
            return new TensorReader(key, dtypes.get(key), budget);
        });
    }
}
