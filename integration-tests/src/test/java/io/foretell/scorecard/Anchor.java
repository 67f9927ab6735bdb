package io.foretell.scorecard;

import java.util.concurrent.CompletableFuture;

/** What a user has instead of this library, against the same server. Thread-safe. */
public interface Anchor extends AutoCloseable {
    /** For the scorecard's column. */
    String name();

    /** Makes one call. Cancelling the future does what it does in that library. */
    CompletableFuture<?> call();

    @Override
    void close();
}
