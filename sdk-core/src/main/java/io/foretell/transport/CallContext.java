package io.foretell.transport;

import io.foretell.time.Deadline;

/** What one attempt may know, and where its transport reports progress. Thread-safe. */
public interface CallContext {
    /** By when the answer must be there. */
    Deadline deadline();

    /** The number of this attempt, from 1. */
    int attempt();

    /** The transport says: the whole request has been handed to the network. Only the first call counts. */
    void requestSent();

    /** The transport says: the first of the answer has come. Only the first call counts. */
    void responseStarted();
}
