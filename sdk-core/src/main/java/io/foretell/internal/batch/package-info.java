/** Joins calls into batches: queues, slots and when a batch leaves. Not for users. */
@NullMarked
package io.foretell.internal.batch;

import org.jspecify.annotations.NullMarked;
