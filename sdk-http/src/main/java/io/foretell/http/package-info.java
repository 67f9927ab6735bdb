/** Models behind HTTP: Amazon SageMaker, TensorFlow Serving REST and bare containers. */
@NullMarked
package io.foretell.http;

import org.jspecify.annotations.NullMarked;
