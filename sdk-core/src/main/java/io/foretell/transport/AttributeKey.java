package io.foretell.transport;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Names one typed fact of a call that belongs to one transport, such as a target variant. Compared by identity: the
 * transport that reads a key publishes it as a constant.
 */
public final class AttributeKey<T> {
    private final String name;
    private final Class<T> type;
    private final Consumer<? super T> check;

    private AttributeKey(String name, Class<T> type, Consumer<? super T> check) {
        this.name = Objects.requireNonNull(name, "name");
        this.type = Objects.requireNonNull(type, "type");
        this.check = Objects.requireNonNull(check, "check");
    }

    /** A key whose values are all welcome. */
    public static <T> AttributeKey<T> of(String name, Class<T> type) {
        return of(name, type, value -> {});
    }

    /**
     * A key with a rule for its values, applied where one is set, so that nothing can be sent with a bad one.
     *
     * @param check throws an {@link IllegalArgumentException} that names the fact and the value
     */
    public static <T> AttributeKey<T> of(String name, Class<T> type, Consumer<? super T> check) {
        return new AttributeKey<>(name, type, check);
    }

    /** The name, for messages. */
    public String name() {
        return name;
    }

    T checked(Object value) {
        T typed = cast(Objects.requireNonNull(value, name));
        check.accept(typed);
        return typed;
    }

    T cast(Object value) {
        return type.cast(value);
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
