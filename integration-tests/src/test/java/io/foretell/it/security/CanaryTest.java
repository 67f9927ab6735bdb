package io.foretell.it.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.CallOptions;
import io.foretell.Predictor;
import io.foretell.codec.Codec;
import io.foretell.codec.TensorCodecs;
import io.foretell.event.CallEvent;
import io.foretell.event.CallListener;
import io.foretell.grpc.TensorFlowServing;
import io.foretell.http.JsonCodecs;
import io.foretell.http.SageMaker;
import io.foretell.http.TensorFormats;
import io.foretell.it.security.LogCapture.Line;
import io.foretell.scorecard.Scorecard;
import io.foretell.tensor.DType;
import io.foretell.tensor.Shape;
import io.foretell.tensor.Tensor;
import io.foretell.testing.BytesModel;
import io.foretell.testing.EchoModel;
import io.foretell.testing.Fault;
import io.foretell.testing.SageMakerSandbox;
import io.foretell.testing.TensorFlowServingSandbox;
import io.foretell.transport.Transport;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Secrets go through everything a call can meet, with every log turned up, and must show nowhere that is ours. What
 * others log of them at their finest is known, and told in docs/security.md.
 */
@Tag("scorecard")
@Timeout(300)
class CanaryTest {
    private static final Canary SECRET_KEY = new Canary("secret access key", "Zq7Xk9");
    private static final Canary SESSION_TOKEN = new Canary("session token", "Wj4Vb2");
    private static final Canary PAYLOAD = new Canary("payload", "Ht6Ms3");
    private static final Canary ATTRIBUTES = new Canary("custom attributes", "Yp8Rd5");
    private static final List<Canary> CANARIES = List.of(SECRET_KEY, SESSION_TOKEN, PAYLOAD, ATTRIBUTES);
    private static final Duration SILENCE = Duration.ofSeconds(20);

    /** The AWS SDK's and gRPC's, all at DEBUG or finer; the last is the sandbox's side. */
    private static final Set<String> TALKATIVE = Set.of(
            "software.amazon.awssdk.http.auth.aws.internal.signer.DefaultV4RequestSigner",
            "software.amazon.awssdk.request",
            "software.amazon.awssdk.retries.internal.DefaultStandardRetryStrategy",
            "io.netty.handler.logging.LoggingHandler",
            "io.grpc.netty.shaded.io.grpc.netty.NettyClientHandler",
            "io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

    private final Evidence evidence = new Evidence();

    @Test
    void secrets_throughEveryFault_showNowhereOfOurs() throws Exception {
        Scorecard.row("H1", "canary secrets and payloads through every fault, all logs at TRACE", row -> {
            row.inject("sandbox");
            List<Line> lines = linesOfARun();
            List<Line> ours = lines.stream().filter(CanaryTest::isOurs).toList();
            List<String> hits = Stream.concat(
                            ours.stream().filter(line -> shows(line.text())).map(Line::toString),
                            evidence.statements().stream().filter(CanaryTest::shows))
                    .toList();
            Set<String> talkative = lines.stream()
                    .filter(line -> !isOurs(line) && shows(line.text()))
                    .map(Line::logger)
                    .collect(Collectors.toCollection(TreeSet::new));
            row.exactly("hits", 0, hits.size())
                    .atLeast("our log lines", 1, ours.size())
                    .measured("all log lines", lines.size())
                    .measured("objects and exceptions", evidence.statements().size())
                    .measured("documented loggers of others that show some", talkative);
            assertThat(hits).isEmpty();
            assertThat(TALKATIVE).containsAll(talkative);
            assertThat(lines).noneMatch(line -> SECRET_KEY.shows(line.text()));
            assertThat(lines).noneMatch(line -> shows(line.text()) && line.important());
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HHt6Ms3H", "x NFZiMldq x", "0x48 74 36 4d 73 33", "4874364D7333", "[72, 116, 54, 77, 115, 51]"})
    void canary_inAnyForm_isFound(String text) {
        assertThat(shows(text)).isTrue();
    }

    private static boolean shows(String text) {
        return CANARIES.stream().anyMatch(canary -> canary.shows(text));
    }

    private static boolean isOurs(Line line) {
        return line.logger().startsWith("io.foretell");
    }

    private List<Line> linesOfARun() {
        try (LogCapture logs = new LogCapture()) {
            overHttps();
            overGrpc();
            Thread.getAllStackTraces().keySet().forEach(evidence::hear);
            return logs.lines();
        }
    }

    private void overHttps() {
        try (SageMakerSandbox server = SageMakerSandbox.builder()
                .secretKey(SECRET_KEY.value())
                .sessionToken(SESSION_TOKEN.value())
                .endpoint("tensors", new EchoModel(DType.STRING))
                .endpoint("bytes", (BytesModel) input -> input)
                .start()) {
            CallOptions options = CallOptions.none().with(SageMaker.CUSTOM_ATTRIBUTES, ATTRIBUTES.value());
            SageMaker.Builder builder = server.transport("tensors")
                    .tensors(TensorFormats.tfServingJson().output("y", DType.STRING));
            evidence.hear(builder);
            run(TensorCodecs.tensors(), builder.build(), tensors(), options, httpFaults(), server::play);
            SageMaker.Builder bytes = server.transport("bytes").customAttributes(ATTRIBUTES.value());
            run(
                    JsonCodecs.of(String.class, Integer.class),
                    bytes.build(),
                    PAYLOAD.value(),
                    options,
                    httpFaults(),
                    server::play);
            refused(() -> bytes.customAttributes(ATTRIBUTES.value() + "\n"));
            refused(() ->
                    options.with(SageMaker.CUSTOM_ATTRIBUTES, ATTRIBUTES.value().repeat(1_000)));
        }
    }

    private static List<Fault> httpFaults() {
        String cutOff = "{\"outputs\": {\"y\": [[\"" + PAYLOAD.value() + "\"], \"" + PAYLOAD.value();
        String unlike = "{\"outputs\": {\"y\": [\"" + PAYLOAD.value() + "\", 5]}}";
        String signed = "The request signature we calculated does not match the signature you provided.\\n\\n"
                + "The Canonical String for this request should have been\\n'POST\\nx-amz-security-token:"
                + SESSION_TOKEN.value() + "\\n'";
        return List.of(
                Fault.error(400, "ValidationError", "{\"Message\": \"wrong\"}"),
                Fault.error(403, "InvalidSignatureException", "{\"message\": \"" + signed + "\"}"),
                Fault.error(403, "ExpiredTokenException", "{\"message\": \"The security token is expired\"}"),
                Fault.error(413, "RequestTooLarge", "too large"),
                Fault.error(424, "ModelError", "{\"OriginalStatusCode\": 500, \"OriginalMessage\": \"boom\"}"),
                Fault.error(429, "ThrottlingException", "{\"message\": \"slow down\"}"),
                Fault.error(503, "ServiceUnavailable", "{\"Message\": \"busy\"}"),
                Fault.status("200", cutOff),
                Fault.status("200", unlike),
                Fault.status("200", PAYLOAD.value()),
                Fault.delay(SILENCE));
    }

    private void overGrpc() {
        try (TensorFlowServingSandbox server = TensorFlowServingSandbox.builder()
                .model("echo", 1, new EchoModel(DType.STRING))
                .tls()
                .start()) {
            TensorFlowServing.Builder builder = TensorFlowServing.to(server.target())
                    .trustCertificates(server.certificates().caStream())
                    .model("echo");
            evidence.hear(builder);
            List<Fault> faults = new ArrayList<>();
            for (Status.Code code : Status.Code.values()) {
                if (code != Status.Code.OK) {
                    faults.add(Fault.status(code.name(), "said by the server"));
                }
            }
            faults.add(Fault.delay(SILENCE));
            run(TensorCodecs.tensors(), builder.build(), tensors(), CallOptions.none(), faults, server::play);
        }
    }

    private static Map<String, Tensor> tensors() {
        byte[][] texts = {PAYLOAD.value().getBytes(StandardCharsets.UTF_8)};
        return Map.of("x", Tensor.ofArray(DType.STRING, texts, Shape.of(1)));
    }

    /** A success, each fault, of which the last is silence, a call that is cancelled, and two at once. */
    private <I, O> void run(
            Codec<I, O> codec,
            Transport transport,
            I input,
            CallOptions options,
            List<Fault> faults,
            Consumer<Fault> play) {
        var builder = Predictor.builder(codec)
                .transport(transport)
                .interceptor(evidence)
                .listener(evidence)
                .listener(new Faulty());
        List.of(codec, transport, options, builder).forEach(evidence::hear);
        try (Predictor<I, O> predictor = builder.build()) {
            evidence.hear(predictor);
            refused(() -> evidence.hear(predictor.call(input, options)));
            for (Fault fault : faults) {
                play.accept(fault);
                refused(() -> evidence.hear(predictor.call(input, options.withTimeout(Duration.ofSeconds(2)))));
            }
            play.accept(Fault.delay(SILENCE));
            var future = predictor.callAsync(input, options);
            future.cancel(true);
            evidence.hear(future);
            predictor.callAll(List.of(input, input), options).forEach(evidence::hear);
        }
    }

    private void refused(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            evidence.hearFault(e);
        }
    }

    /** Makes the library log. */
    private static final class Faulty extends CallListener {
        @Override
        public void callEnded(CallEvent event) {
            throw new IllegalStateException("a listener at fault");
        }
    }
}
