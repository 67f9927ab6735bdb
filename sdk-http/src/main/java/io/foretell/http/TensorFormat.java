package io.foretell.http;

import io.foretell.transport.Payload;

/**
 * How named tensors are written into a body and read from one, so that a codec of tensors runs over a transport of bytes.
 * Must be thread-safe. {@link TensorFormats} has the ready ones.
 */
public interface TensorFormat {
    /** The media type of the bodies. Constant. */
    String mediaType();

    /**
     * Writes a request's body.
     *
     * @throws io.foretell.error.CodecException if the format cannot carry one of the tensors; the message names it
     */
    Payload.Bytes write(Payload.Tensors tensors);

    /**
     * Reads an answer's body.
     *
     * @throws io.foretell.error.InferenceException if the body is malformed or says something else
     */
    Payload.Tensors read(Payload.Bytes body);
}
