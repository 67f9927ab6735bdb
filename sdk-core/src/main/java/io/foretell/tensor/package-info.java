/** N-dimensional values and their element types. */
@NullMarked
package io.foretell.tensor;

import org.jspecify.annotations.NullMarked;
