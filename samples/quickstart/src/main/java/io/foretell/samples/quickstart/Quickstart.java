package io.foretell.samples.quickstart;

import io.foretell.Predictor;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.TensorFormats;
import io.foretell.metrics.LatencyRecorder;
import io.foretell.policy.BatchPolicy;
import io.foretell.samples.models.SentenceCodec;
import io.foretell.samples.models.SentenceEncoder;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A real sentence encoder, called through one typed predictor over gRPC (TensorFlow Serving) and over signed HTTPS
 * (SageMaker), by one caller, and by many with batching off and on. Both servers run in this JVM. The only argument is the
 * file for the figures.
 */
public final class Quickstart {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** How many call at once where batching is measured. */
    static final int THREADS = 16 * PROCESSORS;

    private static final String GRPC = "gRPC, TensorFlow Serving";
    private static final String HTTPS = "HTTPS, SageMaker";

    /** On a CPU larger batches gain little more. One is on its way while each processor works on another. */
    private static final BatchPolicy BATCHING =
            BatchPolicy.builder().maxItems(8).maxInFlight(PROCESSORS + 1).build();

    private Quickstart() {}

    /** Ends with status 1 if a call failed or the transports disagree. */
    public static void main(String[] args) throws IOException {
        System.out.println("Loading a sentence encoder and starting two servers ...");
        Report report = new Report();
        try (SentenceEncoder encoder = SentenceEncoder.load();
                SentenceCodec codec = SentenceCodec.load();
                var serving = TensorFlowServingSandbox.builder()
                        .model("sentences", 1, encoder)
                        .start();
                var sageMaker = SageMakerSandbox.builder()
                        .endpoint("sentences", encoder)
                        .start()) {
            compare(codec, serving, sageMaker, report);
        }
        report.print();
        report.write(Path.of(args.length == 0 ? "target/demo.json" : args[0]));
        System.exit(report.isGood() ? 0 : 1);
    }

    private static void compare(
            SentenceCodec codec, TensorFlowServingSandbox serving, SageMakerSandbox sageMaker, Report report) {
        LatencyRecorder grpcTimes = new LatencyRecorder();
        LatencyRecorder httpsTimes = new LatencyRecorder();
        try (Predictor<String, float[]> grpc = Predictor.builder(codec)
                        .transport(TensorFlowServing.to(serving.target())
                                .allowPlaintext()
                                .model("sentences")
                                .build())
                        .listener(grpcTimes)
                        .build();
                Predictor<String, float[]> https = Predictor.builder(codec)
                        .transport(sageMaker
                                .transport("sentences")
                                .tensors(TensorFormats.tfServingJson())
                                .build())
                        .listener(httpsTimes)
                        .build()) {
            List<float[]> answers = grpc.predictAll(HelpTexts.ANSWERS);
            report.largestDifference(Vectors.largestDifference(answers, https.predictAll(HelpTexts.ANSWERS)));
            for (String question : HelpTexts.QUESTIONS) {
                float[] vector = https.predict(question);
                int nearest = Vectors.nearest(vector, answers);
                double similarity = Vectors.similarity(vector, answers.get(nearest));
                report.answer(question, HelpTexts.ANSWERS.get(nearest), similarity);
            }
            System.out.println("Measuring ...");
            Load.run(grpc, HelpTexts.ANSWERS, grpcTimes);
            Load.run(https, HelpTexts.ANSWERS, httpsTimes);
            report.latency(GRPC, grpcTimes.snapshot());
            report.latency(HTTPS, httpsTimes.snapshot());
            System.out.println("Measuring batching ...");
            batch(GRPC, grpc, report);
            batch(HTTPS, https, report);
        }
    }

    /** Many threads with short sentences, with batching off and on. */
    private static void batch(String transport, Predictor<String, float[]> predictor, Report report) {
        for (BatchPolicy policy : List.of(BatchPolicy.none(), BATCHING)) {
            LatencyRecorder times = new LatencyRecorder();
            try (Predictor<String, float[]> each =
                    predictor.toBuilder().batching(policy).listener(times).build()) {
                Duration time = Load.run(THREADS, each, HelpTexts.SHORT, times);
                report.batching(transport, policy.enabled(), time, times.snapshot());
            }
        }
    }
}
