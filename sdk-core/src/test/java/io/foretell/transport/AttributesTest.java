package io.foretell.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AttributesTest {
    private static final AttributeKey<String> VARIANT = AttributeKey.of("variant", String.class);
    private static final AttributeKey<Integer> PORT = AttributeKey.of("port", Integer.class, port -> {
        if (port < 1) {
            throw new IllegalArgumentException("port < 1: " + port);
        }
    });

    @Test
    void with_returnsANewSet_andLeavesTheOldOne() {
        Attributes one = Attributes.empty().with(VARIANT, "blue");
        Attributes other = one.with(VARIANT, "green").with(PORT, 80);

        assertThat(Attributes.empty().get(VARIANT)).isNull();
        assertThat(one.get(VARIANT)).isEqualTo("blue");
        assertThat(one.get(PORT)).isNull();
        assertThat(other.get(VARIANT)).isEqualTo("green");
        assertThat(other.get(PORT)).isEqualTo(80);
    }

    @Test
    void values_thatTheKeyRefuses_areNotTaken() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Attributes.empty().with(PORT, 0))
                .withMessage("port < 1: 0");
        assertThatNullPointerException()
                .isThrownBy(() -> Attributes.empty().with(VARIANT, null))
                .withMessage("variant");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void values_ofAnotherType_areNotTaken() {
        AttributeKey raw = PORT;

        assertThatThrownBy(() -> Attributes.empty().with(raw, "80")).isInstanceOf(ClassCastException.class);
    }

    @Test
    void keys_ofTheSameName_areStillTwo() {
        AttributeKey<String> namesake = AttributeKey.of("variant", String.class);

        assertThat(Attributes.empty().with(VARIANT, "blue").get(namesake)).isNull();
    }

    @Test
    void merged_theOthersWin() {
        Attributes base = Attributes.empty().with(VARIANT, "blue").with(PORT, 1);
        Attributes call = Attributes.empty().with(VARIANT, "green");

        assertThat(base.with(call)).isEqualTo(call.with(PORT, 1)).hasSameHashCodeAs(call.with(PORT, 1));
        assertThat(base.with(Attributes.empty())).isSameAs(base);
        assertThat(Attributes.empty().with(base)).isSameAs(base);
        assertThat(base).isNotEqualTo(call);
    }

    @Test
    void toString_namesTheKeysAndHidesTheValues() {
        assertThat(Attributes.empty().with(VARIANT, "secret").with(PORT, 4711)).hasToString("[port, variant]");
        assertThat(VARIANT).hasToString("variant");
    }
}
