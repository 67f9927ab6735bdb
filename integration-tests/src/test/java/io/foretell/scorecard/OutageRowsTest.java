package io.foretell.scorecard;

import io.foretell.Predictor;
import io.foretell.tensor.Tensor;
import io.foretell.testing.FaultPlan;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that answers every request with unavailable. */
@Tag("scorecard")
@Timeout(300)
class OutageRowsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource
    void outage_ofOneCall_costsThreeRequests(Target.Protocol protocol) throws Exception {
        Scorecard.row("A6", "one call, always unavailable, " + protocol, row -> {
            row.inject("sandbox");
            try (Target target = protocol.start()) {
                target.play(FaultPlan.always(target.unavailable()));
                Ledger ledger = new Ledger(1);
                try (Predictor<Map<String, Tensor>, Map<String, Tensor>> predictor =
                        target.predictor(ledger).timeout(DEADLINE).build()) {
                    ledger.enter(0, predictor.predictAsync(Target.INPUT))
                            .handle((value, error) -> null)
                            .join();
                    row.exactly("requests", 3, target.requests());
                    ledger.balance(row, target::requests);
                }
                for (Anchor anchor : target.anchors(DEADLINE)) {
                    try (anchor) {
                        long before = target.requests();
                        anchor.call().handle((value, error) -> null).join();
                        row.anchor(anchor.name(), target.requests() - before + " requests");
                    }
                }
            }
        });
    }
}
