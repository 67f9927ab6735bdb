package io.foretell.internal.engine;

import io.foretell.transport.Attributes;
import java.time.Duration;

/** What the calls of one caller agree on. */
public record Terms(Duration timeout, Attributes attributes, boolean idempotent) {}
