package io.foretell.event;

/**
 * Is told what a predictor does. All methods do nothing until overridden, so a later version can add some.
 *
 * <p>A <em>call</em> is one item's prediction; a <em>request</em> is one pass through the chain and carries one call or
 * a batch of them; an <em>attempt</em> is one wire try of a request. Every start has exactly one end. A call's start
 * comes before that of the request that carries it, a request's before those of its attempts; ends come the other way
 * round. A call that is given up, by its deadline or its caller, may end before the request that carries it; so may a
 * request that is given up while its attempt is just being started. A request has one attempt, or more where it is
 * retried or hedged, or none where a gate refuses it.
 *
 * <p>Methods run on the caller's thread, the callback executor or the thread that cancels, never under a lock, several
 * at a time. They must not block. What they throw is logged and changes nothing.
 */
public abstract class CallListener {
    /** For subclasses. */
    protected CallListener() {}

    /** A call was accepted. */
    public void callStarted(CallEvent event) {}

    /** A call has its result; the caller's future completes after this. */
    public void callEnded(CallEvent event) {}

    /** A batch left its queue; its request begins after this. */
    public void batchLeft(BatchEvent event) {}

    /** A request begins, with its encoding. */
    public void requestStarted(CallEvent event) {}

    /** A request has ended, with its decoding. */
    public void requestEnded(CallEvent event) {}

    /** An attempt is about to be handed to the transport. */
    public void attemptStarted(CallEvent event) {}

    /** An attempt has its answer, failed, or was given up. */
    public void attemptEnded(CallEvent event) {}

    /**
     * A request's copy to a shadow and the request itself have both ended. May come after the end of everything else.
     */
    public void shadowEnded(ShadowEvent event) {}
}
