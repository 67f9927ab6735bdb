package io.foretell.it;

import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tensors of every dtype and of rank 0 to 6, empty ones among them, of any bits that the dtype allows. */
final class SampleTensors {
    private static final List<Shape> SHAPES = List.of(
            Shape.scalar(),
            Shape.of(1),
            Shape.of(5),
            Shape.of(2, 3),
            Shape.of(3, 1, 2),
            Shape.of(2, 2, 1, 3),
            Shape.of(2, 1, 2, 1, 2),
            Shape.of(2, 1, 3, 1, 2, 2),
            Shape.of(0),
            Shape.of(3, 0),
            Shape.of(0, 2, 2),
            Shape.of(2, 1, 0, 1, 2, 2));

    private SampleTensors() {}

    /** Each shape over a buffer, over an array and, where it has two rows, over two pieces. */
    static List<Tensor> of(DType dtype) {
        List<Tensor> samples = new ArrayList<>();
        for (Shape shape : SHAPES) {
            Tensor sample = of(dtype, shape);
            samples.add(sample);
            samples.add(Tensor.ofArray(dtype, sample.elements(), shape));
            if (shape.rank() > 0 && shape.dim(0) > 1) {
                samples.add(Tensor.concat(List.of(sample.slice(0, 1), sample.slice(1, shape.dim(0)))));
            }
        }
        return samples;
    }

    static Tensor of(DType dtype, Shape shape) {
        Random random = new Random(dtype.ordinal());
        return dtype == DType.STRING ? strings(shape, random) : numbers(dtype, shape, random);
    }

    /** The little-endian bytes of a tensor that is not of strings. */
    static byte[] content(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteLength());
        tensor.copyTo(bytes, 0, (int) tensor.shape().elementCount());
        return bytes.array();
    }

    private static Tensor numbers(DType dtype, Shape shape, Random random) {
        byte[] content = new byte[(int) shape.elementCount() * dtype.byteSize()];
        random.nextBytes(content);
        for (int i = 0; i < content.length; i++) {
            content[i] = switch (dtype) {
                case BOOL -> (byte) (content[i] & 1);
                case INT4 -> (byte) (content[i] >> 4);
                case UINT4 -> (byte) (content[i] & 15);
                default -> content[i];
            };
        }
        return Tensor.ofBuffer(dtype, ByteBuffer.wrap(content), shape);
    }

    /** Empty, zero bytes, and bytes that are no UTF-8. */
    private static Tensor strings(Shape shape, Random random) {
        byte[][] values = new byte[(int) shape.elementCount()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new byte[i % 3 * 100];
            random.nextBytes(values[i]);
            if (values[i].length > 0) {
                values[i][0] = 0;
                values[i][1] = (byte) 0xff;
            }
        }
        return Tensor.ofArray(DType.STRING, values, shape);
    }
}
