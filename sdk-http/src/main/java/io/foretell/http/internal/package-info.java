/** Shared by this library's own modules. Not for users: may change in any release. */
@NullMarked
package io.foretell.http.internal;

import org.jspecify.annotations.NullMarked;
