package io.foretell.internal.engine;

import java.util.function.Supplier;

/** Takes the results of a group of calls, each exactly once, in any order. */
public interface Sink<O> {
    /** @param answer the value with what is known of how it came about; to be asked, if at all, before this returns */
    void succeeded(int index, O value, Supplier<Answer<O>> answer);

    /** An {@link io.foretell.error.InferenceException} or a {@link java.util.concurrent.CancellationException}. */
    void failed(int index, Throwable error);

    /** Whether it asks for answers. Only then is their time measured by phase. Constant. */
    boolean asksForAnswers();
}
