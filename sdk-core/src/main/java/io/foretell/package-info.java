/** A typed client for model inference: start at {@link io.foretell.Predictor}. */
@NullMarked
package io.foretell;

import org.jspecify.annotations.NullMarked;
