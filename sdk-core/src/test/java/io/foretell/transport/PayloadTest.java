package io.foretell.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foretell.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PayloadTest {
    private static Payload.Bytes secret() {
        return Payload.Bytes.of("text/plain", "secret".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void toString_neverShowsTheContent() {
        Payload tensors = new Payload.Tensors(Map.of("x", Tensor.of(new String[] {"secret", "4711"}, 2, 1)));

        assertThat(secret()).hasToString("text/plain, 6 bytes");
        assertThat(tensors).hasToString("{x=STRING [2, 1]}");
    }

    @Test
    void kinds_areTheirOwn() {
        assertThat(secret().kind()).isEqualTo(Payload.Kind.BYTES);
        assertThat(new Payload.Tensors(Map.of()).kind()).isEqualTo(Payload.Kind.TENSORS);
    }

    @Test
    void bytes_areReadOnlyAndEachViewHasItsOwnPosition() {
        Payload.Bytes bytes = secret();

        assertThatThrownBy(() -> bytes.content().put(0, (byte) 0)).isInstanceOf(ReadOnlyBufferException.class);
        assertThat(bytes.content().position(6).hasRemaining()).isFalse();
        assertThat(bytes.content().remaining()).isEqualTo(6);
        assertThat(new String(bytes.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("secret");
        bytes.toByteArray()[0] = 0;
        assertThat(bytes).isEqualTo(secret()).hasSameHashCodeAs(secret());
    }

    @Test
    void bytes_ofABuffer_areThoseThatRemain() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}, 1, 2);
        Payload.Bytes bytes = new Payload.Bytes("a/b", buffer);
        buffer.position(3);

        assertThat(bytes.toByteArray()).containsExactly(2, 3);
    }

    @Test
    void bytes_withoutAMediaType_areRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> Payload.Bytes.of(null, new byte[0]))
                .withMessage("mediaType");
    }

    @Test
    void tensors_keepTheirOrderAndCannotChange() {
        Map<String, Tensor> map = new LinkedHashMap<>();
        for (String name : new String[] {"z", "a", "m"}) {
            map.put(name, Tensor.of(new int[1]));
        }
        Payload.Tensors tensors = new Payload.Tensors(map);
        map.clear();

        assertThat(tensors.tensors()).containsOnlyKeys("z", "a", "m");
        assertThat(tensors.tensors().keySet()).containsExactly("z", "a", "m");
        assertThatThrownBy(() -> tensors.tensors().clear()).isInstanceOf(UnsupportedOperationException.class);
    }
}
