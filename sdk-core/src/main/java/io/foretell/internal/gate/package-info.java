/** What stands between a request and its endpoint: the breaker, the rate limit, the permits. Not for users. */
@NullMarked
package io.foretell.internal.gate;

import org.jspecify.annotations.NullMarked;
