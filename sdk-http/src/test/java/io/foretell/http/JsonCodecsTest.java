package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.codec.Codec;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecsTest {
    private static final Codec<Iris, Species> ONE = JsonCodecs.of(Iris.class, Species.class);
    private static final Codec<Iris, Species> LIST = JsonCodecs.list(Iris.class, Species.class);

    record Iris(float[] features) {}

    record Species(String name, double probability) {}

    @Test
    void of_record_isOneBodyEachWay() {
        Payload.Bytes body = (Payload.Bytes) ONE.encode(List.of(new Iris(new float[] {1.5f, 2})));

        assertThat(body.toByteArray()).asString().isEqualTo("{\"features\":[1.5,2.0]}");
        assertThat(body.mediaType()).isEqualTo("application/json");
        assertThat(ONE.batches()).isFalse();
        assertThat(ONE.decode(json("{\"name\": \"setosa\", \"probability\": 0.5, \"more\": 1}"), 1)
                        .get(0)
                        .value())
                .isEqualTo(new Species("setosa", 0.5));
    }

    @Test
    void list_records_areOneArrayInOrder() {
        Payload.Bytes body = (Payload.Bytes) LIST.encode(List.of(new Iris(new float[] {1}), new Iris(new float[0])));

        assertThat(body.toByteArray()).asString().isEqualTo("[{\"features\":[1.0]},{\"features\":[]}]");
        assertThat(LIST.batches()).isTrue();
        assertThat(LIST.decode(json("[{\"name\": \"a\"}, {\"name\": \"b\"}]"), 2))
                .extracting(result -> result.value().name())
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[1]",
                "{\"probability\": \"secret\"}",
                "{\"name\": \"a\", \"name\": \"secret\"}",
                "{} secret",
                "secret"
            })
    void decode_anythingElse_failsAndQuotesNothing(String text) {
        InferenceException fault = catchThrowableOfType(InferenceException.class, () -> ONE.decode(json(text), 1));

        assertThat(fault.category()).isIn(ErrorCategory.CODEC, ErrorCategory.PROTOCOL);
        assertThat(fault).hasMessageNotContaining("secret").hasNoCause();
    }

    @Test
    void decode_wrongProperty_namesItsPlace() {
        InferenceException fault = catchThrowableOfType(
                InferenceException.class, () -> LIST.decode(json("[{}, {\"probability\": \"x\"}]"), 2));

        assertThat(fault).hasMessageEndingWith("see /1/probability");
    }

    @Test
    void decode_deepOrNullItem_fails() {
        assertThat(catchThrowableOfType(InferenceException.class, () -> LIST.decode(json("[null]"), 1)))
                .hasMessage("answer 0 of 1 is null");
        assertThat(catchThrowableOfType(
                        InferenceException.class, () -> ONE.decode(json("{\"more\": " + "[".repeat(100_000)), 1)))
                .isNotNull();
    }

    private static Payload json(String text) {
        return Payload.Bytes.of("application/json", text.getBytes(StandardCharsets.UTF_8));
    }
}
