/** How calls of many threads share requests. */
@NullMarked
package io.foretell.samples.batching;

import org.jspecify.annotations.NullMarked;
