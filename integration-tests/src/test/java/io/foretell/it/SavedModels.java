package io.foretell.it;

import io.foretell.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** Small SavedModels, built by TensorFlow Java and written to a folder. */
final class SavedModels {
    static final float[][] WEIGHTS = {{1, 2, 3}, {-4, 5, -6}, {0.5f, 0.25f, 0.125f}, {10, 100, 1000}};
    static final float[] BIAS = {0.5f, -1, 2};

    private SavedModels() {}

    /** {@code y [-1, 3] = x [-1, 4] * WEIGHTS + BIAS}. */
    static void exportLinear(Path folder) throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4)));
            Operand<TFloat32> y = tf.math.add(tf.linalg.matMul(x, tf.constant(WEIGHTS)), tf.constant(BIAS));
            export(graph, Signature.builder("serving_default").input("x", x).output("y", y), folder);
        }
    }

    /** One input and output for each dtype: a number's square, a string twice, the opposite of a bool. */
    static void exportTypes(Path folder) throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Signature.Builder signature = Signature.builder("serving_default");
            Map<DType, Class<? extends TType>> types = new TreeMap<>(TensorFlowTensors.TYPES);
            types.forEach((dtype, type) -> addType(tf, signature, dtype.name(), type));
            export(graph, signature, folder);
        }
    }

    private static <T extends TType> void addType(Ops tf, Signature.Builder signature, String name, Class<T> type) {
        Placeholder<T> x = tf.placeholder(type, Placeholder.shape(Shape.of(-1, 3)));
        signature.input(name, x);
        if (type == TBool.class) {
            signature.output(name, tf.math.logicalNot(x.asOutput().expect(TBool.class)));
        } else if (type == TString.class) {
            signature.output(name, tf.math.add(x, x));
        } else {
            signature.output(name, tf.math.mul(x, x));
        }
    }

    private static void export(Graph graph, Signature.Builder signature, Path folder) throws IOException {
        try (Session session = new Session(graph)) {
            SavedModelBundle.exporter(folder.toString())
                    .withSession(session)
                    .withSignature(
                            signature.methodName("tensorflow/serving/predict").build())
                    .export();
        }
    }
}
