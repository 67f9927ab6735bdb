package io.foretell.it;

import java.nio.file.Files;
import java.nio.file.Path;

/** The published modules, as their own builds left them. */
enum Module {
    CORE,
    GRPC,
    HTTP,
    TESTING;

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    String artifact() {
        return "foretell-" + lowerName();
    }

    Path target() {
        return ROOT.resolve("sdk-" + lowerName()).resolve("target");
    }

    /** The folder of the module's main classes. */
    Path classes() {
        Path classes = target().resolve("classes");
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException("not built: " + classes + "; run ./mvnw verify from the root");
        }
        return classes;
    }

    private String lowerName() {
        return switch (this) {
            case CORE -> "core";
            case GRPC -> "grpc";
            case HTTP -> "http";
            case TESTING -> "testing";
        };
    }
}
