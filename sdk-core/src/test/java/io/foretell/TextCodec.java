package io.foretell;

import io.foretell.codec.Codec;
import io.foretell.codec.ItemResult;
import io.foretell.transport.InferenceResponse;
import io.foretell.transport.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** One line for each input. */
class TextCodec implements Codec<String, String> {
    static Payload text(String... lines) {
        return Payload.Bytes.of("text/plain", String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    static InferenceResponse response(String... lines) {
        return InferenceResponse.of(text(lines));
    }

    static List<String> lines(Payload payload) {
        String text = new String(((Payload.Bytes) payload).toByteArray(), StandardCharsets.UTF_8);
        return List.of(text.split("\n"));
    }

    @Override
    public Payload.Kind payload() {
        return Payload.Kind.BYTES;
    }

    @Override
    public Payload encode(List<String> inputs) {
        return text(inputs.toArray(String[]::new));
    }

    @Override
    public List<ItemResult<String>> decode(Payload payload, int count) {
        Stream<String> all = lines(payload).stream();
        return all.map(ItemResult::of).toList();
    }

    @Override
    public String toString() {
        return "TextCodec";
    }
}
