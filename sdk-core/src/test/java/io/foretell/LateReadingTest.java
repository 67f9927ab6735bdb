package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.foretell.error.CodecException;
import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.TransportException;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Answers that are read only when asked for: {@link InferenceResponse#reading}. */
class LateReadingTest {
    private final Rig rig = new Rig();

    @Test
    void reading_answered_happensInTheCallbacksNotOnTheTransportsThread() {
        List<Runnable> callbacks = new ArrayList<>();
        List<String> reads = new ArrayList<>();
        rig.transport.hold();
        try (Predictor<String, String> predictor =
                rig.builder().callbackExecutor(callbacks::add).build()) {
            CompletableFuture<String> call = predictor.predictAsync("a");
            rig.transport.sent(0).answer().complete(InferenceResponse.reading(() -> {
                reads.add("read");
                return TextCodec.response("a").payload();
            }));
            assertThat(reads).isEmpty();
            while (!callbacks.isEmpty()) {
                callbacks.remove(0).run();
            }
            assertThat(call).isCompletedWithValue("a");
            assertThat(reads).hasSize(1);
        }
    }

    @Test
    void reading_askedTwice_readsOnceAndPrintsNothing() {
        List<String> reads = new ArrayList<>();
        InferenceResponse response = InferenceResponse.reading(() -> {
            reads.add("read");
            return TextCodec.response("secret").payload();
        });
        assertThat(response.toString()).doesNotContain("secret");
        assertThat(reads).isEmpty();
        assertThat(response.withServedBy("7").payload()).isSameAs(response.payload());
        assertThat(reads).hasSize(1);
    }

    @Test
    void reading_throwingOurError_failsTheCallWithIt() {
        TransportException error = catchThrowableOfType(
                TransportException.class,
                () -> predict(() -> {
                    throw InferenceException.of(ErrorCategory.PROTOCOL)
                            .message("cut off")
                            .build();
                }));
        assertThat(error).hasMessageContaining("cut off");
        assertThat(error.attempts()).isEqualTo(1);
        rig.assertAtRest();
    }

    @Test
    void reading_throwingAnythingElse_isACodecFault() {
        CodecException error = catchThrowableOfType(
                CodecException.class,
                () -> predict(() -> {
                    throw new IllegalStateException("broken reader");
                }));
        assertThat(error).hasRootCauseMessage("broken reader");
        rig.assertAtRest();
    }

    private void predict(Supplier<Payload> reader) {
        rig.transport.answer(request -> InferenceResponse.reading(reader));
        try (Predictor<String, String> predictor = rig.predictor()) {
            predictor.predict("a");
        }
    }
}
