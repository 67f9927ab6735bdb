/** JMH benchmarks. */
@NullMarked
package io.foretell.benchmarks;

import org.jspecify.annotations.NullMarked;
