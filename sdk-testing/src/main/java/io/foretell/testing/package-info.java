/** Sandbox servers, fakes and the contract suite for transports. */
@NullMarked
package io.foretell.testing;

import org.jspecify.annotations.NullMarked;
