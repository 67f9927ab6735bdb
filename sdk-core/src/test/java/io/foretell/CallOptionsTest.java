package io.foretell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.foretell.transport.AttributeKey;
import io.foretell.transport.Attributes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallOptionsTest {
    private static final AttributeKey<String> VARIANT = AttributeKey.of("variant", String.class, value -> {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("variant empty");
        }
    });

    @Test
    void none_wantsNothingDifferent() {
        assertThat(CallOptions.none().timeout()).isNull();
        assertThat(CallOptions.none().attributes()).isEqualTo(Attributes.empty());
    }

    @Test
    void with_addsToACopy() {
        CallOptions options = CallOptions.none()
                .with(VARIANT, "blue")
                .withTimeout(Duration.ofSeconds(3))
                .with(VARIANT, "green");

        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.attributes().get(VARIANT)).isEqualTo("green");
        assertThat(CallOptions.none().attributes().get(VARIANT)).isNull();
        assertThat(options).hasToString("timeout PT3S, attributes [variant]");
    }

    @Test
    void badValues_areRefusedAtOnce() {
        for (Duration timeout : new Duration[] {Duration.ZERO, Duration.ofNanos(-1)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CallOptions.none().withTimeout(timeout))
                    .withMessage("timeout not positive: " + timeout);
        }
        assertThatNullPointerException().isThrownBy(() -> CallOptions.none().withTimeout(null));
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.none().with(VARIANT, ""));
    }
}
