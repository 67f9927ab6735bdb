package io.foretell.event;

/** A span of time within a call. */
public enum Phase {
    /** A whole call, from entry until its result is ready. */
    CALL,
    /** One attempt, from its hand-over to the transport until its answer is complete. */
    ATTEMPT,
    /** The codec's encoding of a request. */
    ENCODE,
    /** Of a request: its waits for the rate limit and for a permit of the concurrency limit. */
    QUEUE,
    /** Of a request: its waits between attempts. */
    BACKOFF,
    /** Of an attempt: from the hand-over until the whole request was given to the network. */
    SEND,
    /** Of an attempt: from there until the first of the answer came. The network and the model. */
    WAIT,
    /** Of an attempt: from there until the answer was complete. */
    RECEIVE,
    /** The codec's decoding of an answer. */
    DECODE
}
