package io.foretell.codec;

import io.foretell.tensor.Tensor;
import io.foretell.transport.Payload;
import java.util.List;
import java.util.Map;

/** Named tensors as they are, of one item at a time. */
final class TensorMaps implements RowWriter<Map<String, Tensor>>, RowReader<Map<String, Tensor>> {
    @Override
    public Map<String, Tensor> write(List<Map<String, Tensor>> items) {
        return items.get(0);
    }

    @Override
    public Layout layout(Map<String, Tensor> item) {
        return Layout.of(item);
    }

    @Override
    public long bytes(Map<String, Tensor> item) {
        return new Payload.Tensors(item).byteLength();
    }

    @Override
    public List<ItemResult<Map<String, Tensor>>> read(Map<String, Tensor> tensors, int count) {
        return List.of(ItemResult.of(tensors));
    }
}
