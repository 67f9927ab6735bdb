package io.foretell.error;

/** The network, TLS or the protocol failed; {@link #category()} tells which. */
public final class TransportException extends InferenceException {
    private static final long serialVersionUID = 1L;

    TransportException(Builder builder) {
        super(builder);
    }
}
