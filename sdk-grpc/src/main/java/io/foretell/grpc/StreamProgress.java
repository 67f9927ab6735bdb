package io.foretell.grpc;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Watches one stream: what has left this machine, and whether the server had the last word. */
final class StreamProgress extends ClientStreamTracer {
    private volatile boolean headersSent;
    private volatile boolean messageFramed;
    private volatile boolean trailersReceived;

    /** Makes every stream of a call, of which there is one, report here. */
    ClientStreamTracer.Factory factory() {
        return new ClientStreamTracer.Factory() {
            @Override
            public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
                return StreamProgress.this;
            }
        };
    }

    @Override
    public void outboundHeaders() {
        headersSent = true;
    }

    @Override
    public void outboundMessageSent(int number, long wireSize, long uncompressedSize) {
        messageFramed = true;
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
        trailersReceived = true;
    }

    boolean headersSent() {
        return headersSent;
    }

    /** The message has been handed to the stream, which may still hold it back. */
    boolean messageFramed() {
        return messageFramed;
    }

    boolean trailersReceived() {
        return trailersReceived;
    }
}
