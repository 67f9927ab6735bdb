package io.foretell.codec;

import io.foretell.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Items that are one array each, in one tensor. */
final class ArrayRows<T> implements RowWriter<T>, RowReader<T> {
    private final Column column;
    private final Class<T> type;

    ArrayRows(String name, Class<T> type) {
        if (!type.isArray()) {
            throw new IllegalArgumentException("an array type expected for '" + name + "', not " + type.getTypeName());
        }
        this.column = Column.of(name, type, "arrays");
        this.type = type;
    }

    @Override
    public Map<String, Tensor> write(List<T> items) {
        return Map.of(column.name, column.write(items.toArray((Object[]) column.allocate(items.size()))));
    }

    @Override
    public Layout layout(T item) {
        return new Layout(List.of(column.part(alone(item))));
    }

    @Override
    public long bytes(T item) {
        return column.bytes(alone(item));
    }

    private Object alone(T item) {
        Object[] values = (Object[]) column.allocate(1);
        values[0] = item;
        return values;
    }

    @Override
    public List<ItemResult<T>> read(Map<String, Tensor> tensors, int count) {
        List<ItemResult<T>> results = new ArrayList<>(count);
        for (Object item : (Object[]) column.read(tensors, count)) {
            results.add(ItemResult.of(type.cast(item)));
        }
        return results;
    }

    @Override
    public String toString() {
        return column.name + " " + type.getTypeName();
    }
}
