package io.foretell.transport;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Typed facts that travel with a request or a response. Immutable; every value has passed its key's check. */
public final class Attributes {
    private static final Attributes EMPTY = new Attributes(Map.of());

    private final Map<AttributeKey<?>, Object> values;

    private Attributes(Map<AttributeKey<?>, Object> values) {
        this.values = values;
    }

    /** No facts. */
    public static Attributes empty() {
        return EMPTY;
    }

    /**
     * These facts and one more, or one replaced.
     *
     * @throws IllegalArgumentException if the key's check refuses the value
     */
    public <T> Attributes with(AttributeKey<T> key, T value) {
        Map<AttributeKey<?>, Object> grown = new LinkedHashMap<>(values);
        grown.put(key, key.checked(value));
        return new Attributes(grown);
    }

    /** These facts and the others, which win where both have a key. */
    public Attributes with(Attributes others) {
        if (others.values.isEmpty()) {
            return this;
        }
        if (values.isEmpty()) {
            return others;
        }
        Map<AttributeKey<?>, Object> grown = new LinkedHashMap<>(values);
        grown.putAll(others.values);
        return new Attributes(grown);
    }

    /** The value of a key, or null. */
    public <T> @Nullable T get(AttributeKey<T> key) {
        Object value = values.get(key);
        return value == null ? null : key.cast(value);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Attributes that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** The names of the keys, without the values: these may be personal. */
    @Override
    public String toString() {
        TreeSet<String> names = new TreeSet<>();
        values.keySet().forEach(key -> names.add(key.name()));
        return names.toString();
    }
}
