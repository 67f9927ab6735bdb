package io.foretell.metrics;

/** What is counted. */
enum Count {
    SUCCESSES,
    FAILURES,
    CANCELLED,
    REJECTED,
    REQUESTS,
    ATTEMPTS,
    RETRIES,
    TRANSPARENT,
    HEDGES_LOST,
    HEDGES_WON,
    BUDGET_REFUSALS,
    SHADOWS
}
