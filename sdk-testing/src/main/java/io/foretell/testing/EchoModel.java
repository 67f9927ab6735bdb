package io.foretell.testing;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Answers its input {@code x}, of any shape, as its output {@code y}: enough to try a transport.
 *
 * @param dtype the dtype of both
 */
public record EchoModel(DType dtype) implements Model {
    @Override
    public Map<String, TensorSpec> inputs() {
        return Map.of("x", TensorSpec.anyShape(dtype));
    }

    @Override
    public Map<String, TensorSpec> outputs() {
        return Map.of("y", TensorSpec.anyShape(dtype));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        return Map.of("y", Objects.requireNonNull(inputs.get("x"), "x"));
    }

    /** A tensor of values that differ, the same each time. */
    static Tensor sample(DType dtype, Shape shape) {
        int count = Math.toIntExact(shape.elementCount());
        Random random = new Random(dtype.ordinal() * 31L + count);
        if (dtype == DType.STRING) {
            byte[][] texts = new byte[count][];
            for (int i = 0; i < count; i++) {
                texts[i] = (i % 2 == 0 ? "größe \"" + i + "\"\n" : "").getBytes(StandardCharsets.UTF_8);
            }
            return Tensor.ofArray(dtype, texts, shape);
        }
        if (dtype == DType.FLOAT32 || dtype == DType.FLOAT64) { // random bits would be NaNs now and then
            double[] doubles = random.doubles(count, -1e30, 1e30).toArray();
            return dtype == DType.FLOAT64
                    ? Tensor.ofArray(dtype, doubles, shape)
                    : Tensor.ofArray(dtype, toFloats(doubles), shape);
        }
        byte[] bytes = new byte[count * dtype.byteSize()];
        random.nextBytes(bytes);
        int mask = dtype == DType.BOOL ? 1 : dtype == DType.INT4 || dtype == DType.UINT4 ? 7 : 0xff;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= (byte) mask;
        }
        return Tensor.ofBuffer(dtype, ByteBuffer.wrap(bytes), shape);
    }

    private static float[] toFloats(double[] doubles) {
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }
}
