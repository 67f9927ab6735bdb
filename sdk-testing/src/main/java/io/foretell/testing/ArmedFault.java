package io.foretell.testing;

import io.foretell.testing.NetworkFault.Moment;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** A fault that waits for its moment in one direction of one connection. Lives on the proxy's thread. */
final class ArmedFault {
    private final NetworkFault fault;
    private final Moment moment;
    private final RandomGenerator random;
    private long requestsLeft;
    private long bytesLeft;
    private boolean awaitsRequest;

    ArmedFault(NetworkFault fault, RandomGenerator random) {
        this.fault = fault;
        this.moment = fault.moment();
        this.random = random;
        requestsLeft = moment.requests();
        arm();
    }

    private void arm() {
        bytesLeft = moment.bytes();
        awaitsRequest = moment.byRequest();
    }

    void requestBegan() {
        if (awaitsRequest && requestsLeft-- <= 0) {
            awaitsRequest = random.nextDouble() >= moment.chance();
        }
    }

    void forwarded(long bytes) {
        if (!awaitsRequest) {
            bytesLeft -= bytes;
        }
    }

    /** How many bytes may be forwarded before the next look at it. */
    long room() {
        return awaitsRequest || bytesLeft == 0 ? Long.MAX_VALUE : bytesLeft;
    }

    /**
     * Whether its moment has come.
     *
     * @param byteWaits whether there is a byte to be forwarded next: what begins with a request or an answer needs one
     */
    boolean isDue(boolean byteWaits) {
        return !awaitsRequest && bytesLeft == 0 && (byteWaits || !moment.byRequest());
    }

    /** Begins it; false if that was its last time. */
    boolean begin(Flow flow) throws IOException {
        arm();
        fault.effect().begin(flow);
        return moment.repeats();
    }
}
