/** The real models that the samples share. */
@NullMarked
package io.foretell.samples.models;

import org.jspecify.annotations.NullMarked;
