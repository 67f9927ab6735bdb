@NullMarked
package io.foretell.http;

import org.jspecify.annotations.NullMarked;
