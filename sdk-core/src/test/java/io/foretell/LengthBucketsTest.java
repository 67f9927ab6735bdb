package io.foretell;

import static io.foretell.TextCodec.lines;
import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.policy.BatchPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LengthBucketsTest {
    private final Rig rig = new Rig();
    private final List<String> measured = new ArrayList<>();

    @AfterEach
    void everythingIsAtRest() {
        rig.assertAtRest();
    }

    private Predictor<String, String> predictor(BatchPolicy policy) {
        TextCodec counting = new TextCodec() {
            @Override
            public int length(String input) {
                measured.add(input);
                return input.length();
            }
        };
        return rig.build(rig.builder(counting).batching(policy));
    }

    @Test
    void buckets_given_onlyInputsOfLikeLengthShareABatch() {
        Predictor<String, String> predictor =
                predictor(BatchPolicy.builder().lengthBuckets(2, 4).build());
        for (String input : List.of("a", "abc", "abcde", "b", "bcd", "bcdef", "bc", "bcde")) {
            predictor.predictAsync(input);
        }
        IntStream.range(0, 6).forEach(rig::answer);
        assertThat(IntStream.range(0, 6)
                        .mapToObj(request ->
                                lines(rig.transport.sent(request).request().payload())))
                .containsExactly(
                        List.of("a"),
                        List.of("abc"),
                        List.of("abcde"),
                        List.of("b", "bc"),
                        List.of("bcd", "bcde"),
                        List.of("bcdef"));
    }

    @Test
    void buckets_none_lengthsAreNotAskedFor() {
        rig.echo();
        Predictor<String, String> predictor = predictor(BatchPolicy.ofSize(64));
        assertThat(predictor.predict("a")).isEqualTo("a");
        assertThat(measured).isEmpty();
    }
}
