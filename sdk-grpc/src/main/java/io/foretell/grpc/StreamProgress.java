package io.foretell.grpc;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import java.util.concurrent.atomic.AtomicInteger;

/** Watches the stream of a call: what has left this machine, and whether the server had the last word. */
final class StreamProgress extends ClientStreamTracer {
    private final AtomicInteger headersSent = new AtomicInteger();
    private volatile boolean messageFramed;
    private volatile boolean headersReceived;
    private volatile boolean trailersReceived;

    /** Makes every stream of a call report here: one, unless the user's channel retries, then one after the other. */
    ClientStreamTracer.Factory factory() {
        return new ClientStreamTracer.Factory() {
            @Override
            public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
                headersReceived = false; // what an earlier stream was told is not the answer
                trailersReceived = false;
                return StreamProgress.this;
            }
        };
    }

    @Override
    public void outboundHeaders() {
        headersSent.incrementAndGet();
    }

    @Override
    public void outboundMessageSent(int number, long wireSize, long uncompressedSize) {
        messageFramed = true;
    }

    @Override
    public void inboundHeaders() {
        headersReceived = true;
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
        trailersReceived = true;
    }

    /** On how many streams the request's headers have been handed to the network. */
    int headersSent() {
        return headersSent.get();
    }

    /** The message has been handed to the stream, which may still hold it back. */
    boolean messageFramed() {
        return messageFramed;
    }

    boolean headersReceived() {
        return headersReceived;
    }

    boolean trailersReceived() {
        return trailersReceived;
    }
}
