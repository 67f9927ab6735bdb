package io.foretell.samples.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Files that the model jars carry. */
final class Resources {
    private Resources() {}

    static InputStream open(String name) {
        InputStream stream = Resources.class.getResourceAsStream(name);
        if (stream == null) {
            throw new IllegalStateException("not on the class path: " + name);
        }
        return stream;
    }

    static byte[] bytes(String name) {
        try (InputStream stream = open(name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
