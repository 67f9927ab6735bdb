/** What batching costs and what it is worth, beside a queue written by hand and gax's batcher. */
@NullMarked
package io.foretell.benchmarks.batching;

import org.jspecify.annotations.NullMarked;
