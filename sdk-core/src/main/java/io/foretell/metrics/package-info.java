/** Where the milliseconds go. */
@NullMarked
package io.foretell.metrics;

import org.jspecify.annotations.NullMarked;
