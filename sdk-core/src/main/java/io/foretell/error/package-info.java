/** How a prediction fails: few unchecked exceptions, each with a category and whether the model may have run. */
@NullMarked
package io.foretell.error;

import org.jspecify.annotations.NullMarked;
