package io.foretell.http.internal;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import io.foretell.error.RetrySafety;

/** The memory that one document's tensors may take: two characters of JSON can be eight bytes of a tensor, or far more. */
final class ElementBudget {
    private final long limit;
    private long taken;

    ElementBudget(long limit) {
        this.limit = limit;
    }

    /** Counts bytes in, before they are held. */
    void take(long bytes) {
        taken += bytes;
        if (taken > limit) {
            throw tooLarge();
        }
    }

    private InferenceException tooLarge() {
        return InferenceException.of(ErrorCategory.PAYLOAD_TOO_LARGE)
                .message("the document's tensors take more than " + limit + " bytes")
                .retrySafety(RetrySafety.UNSAFE)
                .build();
    }
}
