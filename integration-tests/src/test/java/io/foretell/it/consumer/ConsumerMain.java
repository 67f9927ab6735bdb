package io.foretell.it.consumer;

import com.google.protobuf.Message;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.testing.TensorFlowServingSandbox;
import java.nio.file.Path;

/** A user's application, small: run in a JVM of its own by the test, on the versions that the test chooses. */
public final class ConsumerMain {
    record Numbers(float[] x) {}

    record Total(float y) {}

    private ConsumerMain() {}

    public static void main(String[] args) throws Exception {
        predictOverGrpc();
        System.out.println("ok " + System.getProperty("java.version") + " " + protobufJar());
    }

    private static void predictOverGrpc() {
        try (TensorFlowServingSandbox sandbox = TensorFlowServingSandbox.builder()
                        .model("total", 1, new TotalModel())
                        .start();
                Predictor<Numbers, Total> predictor = Predictor.builder(
                                TensorCodecs.records(Numbers.class, Total.class))
                        .transport(TensorFlowServing.to(sandbox.target())
                                .model("total")
                                .allowPlaintext()
                                .build())
                        .build()) {
            requireSix(predictor.predict(new Numbers(new float[] {1, 2, 3})));
        }
    }

    private static void requireSix(Total total) {
        if (total.y() != 6) {
            throw new IllegalStateException("total of 1, 2, 3 is " + total.y());
        }
    }

    /** By its file, since protobuf-java tells its version by no call that both major versions have. */
    private static String protobufJar() throws Exception {
        return Path.of(Message.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .getFileName()
                .toString();
    }
}
