package io.foretell.it.consumer;

import com.google.protobuf.Message;
import io.foretell.Predictor;
import io.foretell.codec.TensorCodecs;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.tensor.DType;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;

/** A user's application, small: run in a JVM of its own by the test, on the versions that the test chooses. */
public final class ConsumerMain {
    record Numbers(float[] x) {}

    record Total(float y) {}

    private ConsumerMain() {}

    public static void main(String[] args) throws Exception {
        predictOverGrpc();
        predictOverHttps();
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

    private static void predictOverHttps() {
        try (SageMakerSandbox sandbox = SageMakerSandbox.builder()
                        .endpoint("total", new TotalModel())
                        .start();
                SdkAsyncHttpClient http = NettyNioAsyncHttpClient.builder()
                        .tlsTrustManagersProvider(
                                () -> sandbox.certificates().trustManagers().getTrustManagers())
                        .build();
                Predictor<Numbers, Total> predictor = Predictor.builder(
                                TensorCodecs.records(Numbers.class, Total.class))
                        .transport(SageMaker.endpoint("total")
                                .endpointOverride(sandbox.uri())
                                .region(sandbox.region())
                                .credentials(StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(sandbox.accessKey(), sandbox.secretKey())))
                                .httpClient(http)
                                .tensors(TensorFormats.tfServingJson().output("y", DType.FLOAT32))
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
