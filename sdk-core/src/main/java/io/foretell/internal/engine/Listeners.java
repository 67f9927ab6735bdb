package io.foretell.internal.engine;

import io.foretell.event.CallListener;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells every listener, whatever the others throw. */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final List<CallListener> all;

    Listeners(List<CallListener> all) {
        this.all = List.copyOf(all);
    }

    /** Whether there is anyone to tell. */
    boolean any() {
        return !all.isEmpty();
    }

    <E> void tell(BiConsumer<CallListener, E> method, E event) {
        for (CallListener listener : all) {
            try {
                method.accept(listener, event);
            } catch (Throwable fault) {
                LOG.warn("{} threw in {}", listener.getClass().getName(), event, fault);
            }
        }
    }
}
