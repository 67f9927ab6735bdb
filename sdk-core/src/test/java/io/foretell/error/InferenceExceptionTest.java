package io.foretell.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InferenceExceptionTest {
    private static final Map<ErrorCategory, Class<? extends InferenceException>> TYPES = types();

    private static Map<ErrorCategory, Class<? extends InferenceException>> types() {
        Map<ErrorCategory, Class<? extends InferenceException>> types = new EnumMap<>(ErrorCategory.class);
        types.put(ErrorCategory.INVALID_REQUEST, InvalidRequestException.class);
        types.put(ErrorCategory.PAYLOAD_TOO_LARGE, InvalidRequestException.class);
        types.put(ErrorCategory.AUTH, AuthenticationException.class);
        types.put(ErrorCategory.AUTH_EXPIRED, AuthenticationException.class);
        types.put(ErrorCategory.CLOCK_SKEW, AuthenticationException.class);
        types.put(ErrorCategory.NOT_FOUND, ModelNotFoundException.class);
        types.put(ErrorCategory.NOT_READY, ModelNotReadyException.class);
        types.put(ErrorCategory.THROTTLED, ThrottledException.class);
        types.put(ErrorCategory.OVERLOADED, UnavailableException.class);
        types.put(ErrorCategory.SERVER_FAULT, UnavailableException.class);
        types.put(ErrorCategory.MODEL_CLIENT_ERROR, ModelException.class);
        types.put(ErrorCategory.MODEL_FAULT, ModelException.class);
        types.put(ErrorCategory.MODEL_TIMEOUT, ModelException.class);
        types.put(ErrorCategory.CONNECT, TransportException.class);
        types.put(ErrorCategory.TLS, TransportException.class);
        types.put(ErrorCategory.TIMEOUT, TransportException.class);
        types.put(ErrorCategory.CONNECTION_LOST, TransportException.class);
        types.put(ErrorCategory.PROTOCOL, TransportException.class);
        types.put(ErrorCategory.CODEC, CodecException.class);
        types.put(ErrorCategory.LOCAL_REJECTED, RejectedException.class);
        types.put(ErrorCategory.CLOSED, RejectedException.class);
        types.put(ErrorCategory.CANCELLED, InferenceException.class);
        types.put(ErrorCategory.DEADLINE, DeadlineExceededException.class);
        types.put(ErrorCategory.INTERNAL, InferenceException.class);
        return types;
    }

    @ParameterizedTest
    @EnumSource
    void everyCategory_buildsItsType(ErrorCategory category) {
        InferenceException error = InferenceException.of(category).build();

        assertThat(error)
                .isExactlyInstanceOf(TYPES.get(category))
                .hasMessage(category.name())
                .hasNoCause();
        assertThat(error.category()).isEqualTo(category);
        assertThat(error.retrySafety()).isEqualTo(category.usualSafety());
        assertThat(error.attempts()).isZero();
        assertThat(error.transportCode()).isNull();
        assertThat(error.requestId()).isNull();
        assertThat(error.endpoint()).isNull();
        assertThat(error.model()).isNull();
        assertThat(error.originalStatus()).isZero();
        assertThat(error.originalMessage()).isNull();
        assertThat(error.logStream()).isNull();
    }

    private static InferenceException.Builder filled(ErrorCategory category) {
        return InferenceException.of(category)
                .message("failed")
                .cause(new IOException("reset"))
                .retrySafety(RetrySafety.SAFE)
                .attempts(3)
                .transportCode("424 ModelError")
                .requestId("id-1")
                .endpoint("host:443")
                .model("bert")
                .originalStatus(503, "busy", "arn:logs");
    }

    @ParameterizedTest
    @EnumSource
    void toBuilder_keepsEverything(ErrorCategory category) {
        InferenceException error = filled(category).build();
        error.addSuppressed(new IllegalStateException("before"));
        error.setStackTrace(new StackTraceElement[] {new StackTraceElement("A", "b", "A.java", 1)});

        InferenceException copy = error.toBuilder().build();

        assertThat(copy).isNotSameAs(error).hasSameClassAs(error).hasMessage("failed");
        assertThat(copy).usingRecursiveComparison().isEqualTo(error);
        assertThat(copy.getCause()).isSameAs(error.getCause());
        assertThat(copy.getStackTrace()).isEqualTo(error.getStackTrace());
        assertThat(copy.getSuppressed()).isEqualTo(error.getSuppressed());
        assertThat(copy.originalStatus()).isEqualTo(503);
        assertThat(copy.originalMessage()).isEqualTo("busy");
        assertThat(copy.logStream()).isEqualTo("arn:logs");
    }

    @Test
    void toBuilder_changesWhatItIsTold() {
        InferenceException error = filled(ErrorCategory.THROTTLED).build();
        InferenceException changed = error.toBuilder()
                .attempts(4)
                .retrySafety(RetrySafety.UNKNOWN)
                .endpoint("other")
                .build();

        assertThat(changed.attempts()).isEqualTo(4);
        assertThat(changed.retrySafety()).isEqualTo(RetrySafety.UNKNOWN);
        assertThat(changed.endpoint()).isEqualTo("other");
        assertThat(changed.model()).isEqualTo("bert");
        assertThat(error.attempts()).isEqualTo(3);
    }

    @Test
    void controlCharacters_ofServerText_areEscaped() {
        String forged = "a\r\nINFO all is well\u001b[2J\0\u0085\u2028\u2029\t";
        String escaped = "a\\u000d\\u000aINFO all is well\\u001b[2J\\u0000\\u0085\\u2028\\u2029\\u0009";
        ModelException error = (ModelException) InferenceException.of(ErrorCategory.MODEL_FAULT)
                .message(forged)
                .transportCode(forged)
                .requestId(forged)
                .originalStatus(500, forged, forged)
                .build();

        assertThat(error).hasMessage(escaped);
        assertThat(error.transportCode()).isEqualTo(escaped);
        assertThat(error.requestId()).isEqualTo(escaped);
        assertThat(error.originalMessage()).isEqualTo(escaped);
        assertThat(error.logStream()).isEqualTo(escaped);
    }

    @Test
    void longServerText_isCutAt4KiB() {
        String whole = "x".repeat(4096);

        assertThat(InferenceException.of(ErrorCategory.AUTH).message(whole).build())
                .hasMessage(whole);
        assertThat(InferenceException.of(ErrorCategory.AUTH)
                        .message(whole + "y")
                        .build())
                .hasMessage(whole + "…");
    }

    @Test
    void longServerText_isNotCutWithinACharacter() {
        String text = "x".repeat(4095) + "😀";

        assertThat(InferenceException.of(ErrorCategory.AUTH).message(text).build())
                .hasMessage("x".repeat(4095) + "…");
    }

    @Test
    void nulls_areRefusedWhereAValueIsNeeded() {
        assertThatNullPointerException()
                .isThrownBy(() -> InferenceException.of(null))
                .withMessage("category");
        assertThatNullPointerException()
                .isThrownBy(() -> InferenceException.of(ErrorCategory.AUTH).retrySafety(null))
                .withMessage("retrySafety");
    }
}
