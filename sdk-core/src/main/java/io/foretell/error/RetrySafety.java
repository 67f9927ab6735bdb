package io.foretell.error;

/** Whether the model ran before a call failed: what decides if sending it again can do harm. */
public enum RetrySafety {
    /** The model did not run. */
    SAFE,
    /** The model may have run. */
    UNKNOWN,
    /** The model ran. */
    UNSAFE
}
