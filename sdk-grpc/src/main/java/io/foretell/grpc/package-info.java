/** TensorFlow Serving over gRPC. */
@NullMarked
package io.foretell.grpc;

import org.jspecify.annotations.NullMarked;
