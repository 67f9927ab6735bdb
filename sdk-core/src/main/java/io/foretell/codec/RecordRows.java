package io.foretell.codec;

import io.foretell.error.InferenceException;
import io.foretell.tensor.Tensor;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records, a tensor for each component. */
final class RecordRows<T extends Record> implements RowWriter<T>, RowReader<T> {
    private final Class<T> type;
    private final List<Column> columns;
    /** One a column: {@code (Object record, Object columnValues, int row) -> void}. */
    private final List<MethodHandle> takers;
    /** {@code (Object[] valuesOfAllColumns, int row) -> Object}. */
    private final MethodHandle maker;

    /** @throws IllegalArgumentException if the record cannot be read or made, or has a component that does not fit */
    RecordRows(Class<T> type) {
        RecordHandles handles = RecordHandles.of(type);
        this.type = type;
        this.columns = handles.columns();
        this.takers = handles.takers();
        this.maker = handles.maker();
    }

    @Override
    public Map<String, Tensor> write(List<T> items) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int k = 0; k < columns.size(); k++) {
            Column column = columns.get(k);
            Object values = column.allocate(items.size());
            for (int i = 0; i < items.size(); i++) {
                take(takers.get(k), items.get(i), values, i);
            }
            tensors.put(column.name, column.write(values));
        }
        return tensors;
    }

    @Override
    public Layout layout(T item) {
        Layout.Part[] parts = new Layout.Part[columns.size()];
        for (int k = 0; k < parts.length; k++) {
            parts[k] = columns.get(k).part(alone(k, item));
        }
        return new Layout(List.of(parts));
    }

    @Override
    public long bytes(T item) {
        long bytes = 0;
        for (int k = 0; k < columns.size(); k++) {
            bytes += columns.get(k).bytes(alone(k, item));
        }
        return bytes;
    }

    private Object alone(int k, T item) {
        Object values = columns.get(k).allocate(1);
        take(takers.get(k), item, values, 0);
        return values;
    }

    private void take(MethodHandle taker, T item, Object values, int row) {
        if (item == null) {
            throw CodecFaults.encoding("input " + row + " is null, not a " + type.getTypeName());
        }
        try {
            taker.invokeExact((Object) item, values, row);
        } catch (RuntimeException | Error fault) {
            throw fault;
        } catch (Throwable impossible) { // accessors of records declare no checked exceptions
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public List<ItemResult<T>> read(Map<String, Tensor> tensors, int count) {
        Object[] values = new Object[columns.size()];
        for (int k = 0; k < values.length; k++) {
            values[k] = columns.get(k).read(tensors, count);
        }
        List<ItemResult<T>> results = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            results.add(make(values, i));
        }
        return results;
    }

    /** A constructor that refuses its values fails its own item alone. */
    private ItemResult<T> make(Object[] values, int row) {
        try {
            return ItemResult.of(type.cast((Object) maker.invokeExact(values, row)));
        } catch (InferenceException fault) {
            return ItemResult.failed(fault);
        } catch (Error fatal) {
            throw fatal;
        } catch (Throwable refusal) {
            return ItemResult.failed(CodecFaults.decoding(
                    "the constructor of " + type.getTypeName() + " refused output " + row, refusal));
        }
    }

    @Override
    public String toString() {
        return type.getSimpleName();
    }
}
