package io.foretell.testing;

import io.foretell.transport.Payload;

/** What a sandbox container runs that knows no tensors: bytes in, bytes out. Must be thread-safe. */
@FunctionalInterface
public interface BytesModel {
    /**
     * Runs once.
     *
     * @throws IllegalArgumentException if the input is at fault; any other exception is the model's own
     */
    Payload.Bytes run(Payload.Bytes input) throws Exception;
}
