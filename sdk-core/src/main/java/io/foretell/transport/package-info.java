/** What moves a request to a server and its answer back, and what may stand in between. */
@NullMarked
package io.foretell.transport;

import org.jspecify.annotations.NullMarked;
