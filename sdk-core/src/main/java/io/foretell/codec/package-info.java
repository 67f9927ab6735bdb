/** Between typed values and payloads. */
@NullMarked
package io.foretell.codec;

import org.jspecify.annotations.NullMarked;
