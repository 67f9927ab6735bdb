package io.foretell.testing;

/** A container's refusal of a body that it cannot read at all. */
final class UnsupportedMediaType extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnsupportedMediaType(String mediaType) {
        super("Unsupported Media Type: " + mediaType);
    }
}
