/** The main job in one command. */
@NullMarked
package io.foretell.samples.quickstart;

import org.jspecify.annotations.NullMarked;
