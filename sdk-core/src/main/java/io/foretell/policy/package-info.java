/** What a predictor does when things go wrong or get crowded: retries, hedging, breakers, limits. */
@NullMarked
package io.foretell.policy;

import org.jspecify.annotations.NullMarked;
