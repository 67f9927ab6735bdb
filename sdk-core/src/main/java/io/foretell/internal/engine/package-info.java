/** The one asynchronous path that every call takes. Not for users. */
@NullMarked
package io.foretell.internal.engine;

import org.jspecify.annotations.NullMarked;
