/** Time as a parameter: nothing here or above reads a clock of its own. */
@NullMarked
package io.foretell.time;

import org.jspecify.annotations.NullMarked;
