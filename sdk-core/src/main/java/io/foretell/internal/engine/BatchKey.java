package io.foretell.internal.engine;

import io.foretell.transport.Attributes;

/** What calls must have in common to share a batch. */
record BatchKey(Object codecs, Attributes attributes, boolean idempotent, int bucket) {}
