/** What a predictor does while its endpoint is in trouble. */
@NullMarked
package io.foretell.samples.resilience;

import org.jspecify.annotations.NullMarked;
