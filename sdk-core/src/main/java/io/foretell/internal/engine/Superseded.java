package io.foretell.internal.engine;

import java.util.concurrent.CancellationException;

/** Why the slower of two attempts is given up. */
final class Superseded extends CancellationException {
    private static final long serialVersionUID = 1L;

    Superseded() {
        super("another attempt answered first");
    }
}
