package io.foretell.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.RetrySafety;
import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The statuses that gRPC's own client code makes; those of a server are tested over the wire. */
class GrpcErrorsTest {
    private static final GrpcErrors.Progress NEVER_SENT = new GrpcErrors.Progress(0, false, false, false, false);
    private static final GrpcErrors.Progress SENT = new GrpcErrors.Progress(1, false, false, false, false);
    private static final GrpcErrors.Progress ANSWERED = new GrpcErrors.Progress(1, false, true, false, false);

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, CONNECTION_LOST, UNKNOWN,",
        "DEADLINE_EXCEEDED, DEADLINE, UNKNOWN,",
        "INTERNAL, PROTOCOL, UNKNOWN,",
        "UNKNOWN, PROTOCOL, UNKNOWN,",
        "CANCELLED, CANCELLED, UNKNOWN,",
        "RESOURCE_EXHAUSTED, THROTTLED, UNKNOWN,",
        "UNAUTHENTICATED, AUTH_EXPIRED, SAFE, 0",
        "PERMISSION_DENIED, AUTH, SAFE,",
        "UNIMPLEMENTED, INVALID_REQUEST, SAFE,",
    })
    void afterSending_statusWithoutTrailers_isTheConnections(
            Status.Code code, ErrorCategory category, RetrySafety safety, Integer maxRetries) {
        assertThat(GrpcErrors.meaning(code.toStatus(), SENT))
                .isEqualTo(new GrpcErrors.Meaning(category, safety, maxRetries));
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, CONNECT",
        "INTERNAL, INTERNAL",
        "UNKNOWN, INTERNAL",
        "PERMISSION_DENIED, INTERNAL",
        "DEADLINE_EXCEEDED, DEADLINE",
        "CANCELLED, CANCELLED",
    })
    void beforeSending_anyStatus_isSafe(Status.Code code, ErrorCategory category) {
        assertThat(GrpcErrors.meaning(code.toStatus(), NEVER_SENT))
                .isEqualTo(new GrpcErrors.Meaning(category, RetrySafety.SAFE));
    }

    @Test
    void unavailable_whileConnecting_tellsTlsFromTcp() {
        Status refused = Status.UNAVAILABLE.withCause(new ConnectException("refused"));
        Status handshake = Status.UNAVAILABLE.withCause(new IOException(new SSLHandshakeException("no")));

        assertThat(GrpcErrors.meaning(refused, NEVER_SENT).category()).isEqualTo(ErrorCategory.CONNECT);
        assertThat(GrpcErrors.meaning(handshake, NEVER_SENT).category()).isEqualTo(ErrorCategory.TLS);
    }

    @Test
    void otherStatuses_whileConnecting_areTheConnections() {
        Status broken = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
        Status noHttp2 = Status.INTERNAL.withDescription("http2 exception");

        assertThat(GrpcErrors.meaning(broken, NEVER_SENT).category()).isEqualTo(ErrorCategory.CONNECT);
        assertThat(GrpcErrors.meaning(noHttp2, NEVER_SENT).category()).isEqualTo(ErrorCategory.CONNECT);
    }

    @Test
    void unavailable_afterClose_isClosed() {
        var closed = new GrpcErrors.Progress(0, false, false, false, true);

        assertThat(GrpcErrors.meaning(Status.UNAVAILABLE, closed).category()).isEqualTo(ErrorCategory.CLOSED);
    }

    @Test
    void cancelled_byAReset_isALostConnection() {
        Status reset = Status.CANCELLED.withDescription("RST_STREAM closed stream. HTTP/2 error code: CANCEL");

        assertThat(GrpcErrors.meaning(reset, SENT).category()).isEqualTo(ErrorCategory.CONNECTION_LOST);
    }

    @Test
    void cancelled_byAnUnreadableMessage_isTheProtocols() {
        Status unreadable = Status.CANCELLED
                .withDescription("Failed to read message.")
                .withCause(Status.INTERNAL
                        .withCause(new InvalidProtocolBufferException("truncated"))
                        .asRuntimeException());

        assertThat(GrpcErrors.meaning(unreadable, SENT))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.PROTOCOL, RetrySafety.UNSAFE));
    }

    @Test
    void resourceExhausted_aboutSize_isNoQuota() {
        Status java = Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 4194304: 5000000");
        Status core = Status.RESOURCE_EXHAUSTED.withDescription("Received message larger than max (9 vs. 4)");
        Status answer = Status.RESOURCE_EXHAUSTED.withDescription("Sent message larger than max (9 vs. 4)");

        assertThat(GrpcErrors.meaning(java, SENT))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.PAYLOAD_TOO_LARGE, RetrySafety.UNSAFE));
        assertThat(GrpcErrors.meaning(core, ANSWERED))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.PAYLOAD_TOO_LARGE, RetrySafety.SAFE));
        assertThat(GrpcErrors.meaning(answer, ANSWERED))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.PAYLOAD_TOO_LARGE, RetrySafety.UNSAFE));
    }

    @Test
    void resourceExhausted_aboutSizeAfterTheAnswerBegan_isAboutTheAnswer() {
        Status tooLarge = Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 4: 5");
        var begun = new GrpcErrors.Progress(1, true, true, false, false);

        assertThat(GrpcErrors.meaning(tooLarge, begun))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.PAYLOAD_TOO_LARGE, RetrySafety.UNSAFE));
    }

    @Test
    void refusedStream_isSafeOnlyWhereNothingElseWasSentOrAnswered() {
        Status refused =
                Status.UNAVAILABLE.withDescription("RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM");
        var second = new GrpcErrors.Progress(2, false, false, false, false);
        var begun = new GrpcErrors.Progress(1, true, false, false, false);

        assertThat(GrpcErrors.meaning(refused, SENT).retrySafety()).isEqualTo(RetrySafety.SAFE);
        assertThat(GrpcErrors.meaning(refused, second).retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
        assertThat(GrpcErrors.meaning(refused, begun).retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
    }

    @Test
    void unauthenticated_beforeSending_isAboutLoadingTheCredentials() {
        assertThat(GrpcErrors.meaning(Status.UNAUTHENTICATED, NEVER_SENT))
                .isEqualTo(new GrpcErrors.Meaning(ErrorCategory.AUTH, RetrySafety.SAFE, 1));
    }

    @Test
    void deadlineExceeded_byTheServer_isTheCallsOnlyOnceItsTimeIsUp() {
        var late = new GrpcErrors.Progress(1, false, true, true, false);

        assertThat(GrpcErrors.meaning(Status.DEADLINE_EXCEEDED, ANSWERED).category())
                .isEqualTo(ErrorCategory.TIMEOUT);
        assertThat(GrpcErrors.meaning(Status.DEADLINE_EXCEEDED, late).category())
                .isEqualTo(ErrorCategory.DEADLINE);
    }

    @ParameterizedTest
    @EnumSource
    void everyCode_hasAMeaningAtEveryStage(Status.Code code) {
        assertThat(GrpcErrors.meaning(code.toStatus(), NEVER_SENT)).isNotNull();
        assertThat(GrpcErrors.meaning(code.toStatus(), SENT)).isNotNull();
        assertThat(GrpcErrors.meaning(code.toStatus(), ANSWERED)).isNotNull();
    }
}
