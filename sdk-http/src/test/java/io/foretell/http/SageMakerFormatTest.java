package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;
import io.foretell.tensor.Tensor;
import io.foretell.transport.Attributes;
import io.foretell.transport.InferenceRequest;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What comes of a tensor format of the user's own that fails. */
@Timeout(60)
class SageMakerFormatTest {
    private static final InferenceRequest TENSORS =
            InferenceRequest.of(new Payload.Tensors(Map.of("x", Tensor.of(new float[] {1}))), 1, Attributes.empty());

    private final RecordingContext context = new RecordingContext();

    @Test
    void write_fails_isCodecAndNothingIsSent() throws Exception {
        RuntimeException bug = new IllegalArgumentException("no dtype");
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = transport(server, new Format("text/plain", bug, bug))) {
            InferenceException fault = (InferenceException) catchThrowableOfType(
                            ExecutionException.class,
                            () -> transport.send(TENSORS, context).get())
                    .getCause();

            assertThat(fault.category()).isEqualTo(ErrorCategory.CODEC);
            assertThat(fault.retrySafety()).isEqualTo(RetrySafety.SAFE);
            assertThat(fault).hasCause(bug);
            assertThat(context.told).isEmpty();
        }
    }

    @Test
    void read_fails_isCodecAfterTheModelRan() throws Exception {
        RuntimeException bug = new IllegalArgumentException("no dtype");

        InferenceException fault = readFault(bug);

        assertThat(fault.category()).isEqualTo(ErrorCategory.CODEC);
        assertThat(fault.retrySafety()).isEqualTo(RetrySafety.UNSAFE);
        assertThat(fault.endpoint()).isEqualTo("iris");
        assertThat(fault).hasCause(bug);
    }

    @Test
    void read_failsInTheLibrarysTerms_passesThrough() throws Exception {
        InferenceException fault = readFault(
                InferenceException.of(ErrorCategory.PROTOCOL).message("garbled").build());

        assertThat(fault.category()).isEqualTo(ErrorCategory.PROTOCOL);
        assertThat(fault).hasMessage("garbled");
    }

    private InferenceException readFault(RuntimeException bug) throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "");
                SageMaker transport = transport(server, new Format("text/plain", null, bug))) {
            InferenceResponse answer = transport.send(TENSORS, context).get();
            return catchThrowableOfType(InferenceException.class, answer::payload);
        }
    }

    @Test
    void build_mediaTypeWithLineBreak_isRefused() {
        SageMaker.Builder builder = builder().tensors(new Format("a/b\r\nHost: evil", null, null));

        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("media type");
    }

    @Test
    void build_anotherFormatAfterwards_isTakenToo() throws Exception {
        try (LoopbackServer server = LoopbackServer.answering("200 OK", "", "")) {
            SageMaker.Builder builder = builder().endpointOverride(server.address());
            builder.tensors(new Format("text/one", null, null)).build().close();
            try (SageMaker transport =
                    builder.tensors(new Format("text/two", null, null)).build()) {
                transport.send(TENSORS, context).get();
            }
            assertThat(server.requests.take().headers()).containsEntry("accept", "text/two");
        }
    }

    private static SageMaker transport(LoopbackServer server, TensorFormat format) {
        return builder().endpointOverride(server.address()).tensors(format).build();
    }

    private static SageMaker.Builder builder() {
        return SageMaker.endpoint("iris")
                .region("eu-west-1")
                .credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "none")));
    }

    private record Format(String mediaType, RuntimeException onWrite, RuntimeException onRead) implements TensorFormat {
        @Override
        public Payload.Bytes write(Payload.Tensors tensors) {
            if (onWrite != null) {
                throw onWrite;
            }
            return Payload.Bytes.of(mediaType, "x".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Payload.Tensors read(Payload.Bytes body) {
            throw onRead;
        }
    }
}
