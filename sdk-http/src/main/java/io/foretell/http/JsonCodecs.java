package io.foretell.http;

import io.foretell.codec.Codec;

/**
 * Codecs for a model's own JSON: values are written and read as Jackson binds them by default, records included, with
 * unknown properties of an answer ignored. No type name in a document ever chooses a class. Thread-safe.
 */
public final class JsonCodecs {
    private JsonCodecs() {}

    /** One input is one JSON body, and its answer one body. Does not batch. */
    public static <I, O> Codec<I, O> of(Class<I> input, Class<O> output) {
        return new JsonCodec.One<>(input, output);
    }

    /** The inputs of a request are one JSON array, and its answer an array with as many outputs in the same order. */
    public static <I, O> Codec<I, O> list(Class<I> input, Class<O> output) {
        return new JsonCodec.Many<>(input, output);
    }
}
