package io.foretell.internal.engine;

import org.jspecify.annotations.Nullable;

/** Takes the results of a group of calls, each exactly once, in any order. */
@FunctionalInterface
public interface Sink<O> {
    /** One of the two is null. */
    void ended(int index, @Nullable Answer<O> answer, @Nullable Throwable error);
}
