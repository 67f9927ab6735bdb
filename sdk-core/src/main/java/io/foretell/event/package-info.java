/** What a predictor tells while it works. */
@NullMarked
package io.foretell.event;

import org.jspecify.annotations.NullMarked;
