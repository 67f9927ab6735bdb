/** Shared with the sandbox of foretell-testing; not for users, and free to change. */
@NullMarked
package io.foretell.grpc.internal;

import org.jspecify.annotations.NullMarked;
