package io.foretell.codec;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is compiled of a record type, once: its columns, and the handles that move components between records and the
 * columns' arrays without boxing them.
 *
 * @param takers one a column: {@code (Object record, Object columnValues, int row) -> void}
 * @param maker {@code (Object[] valuesOfAllColumns, int row) -> Object}
 */
record RecordHandles(List<Column> columns, List<MethodHandle> takers, MethodHandle maker) {
    private static final MethodHandle COLUMN = MethodHandles.arrayElementGetter(Object[].class);

    static RecordHandles of(Class<? extends Record> type) {
        RecordComponent[] components = type.getRecordComponents();
        if (components == null || components.length == 0) {
            throw new IllegalArgumentException(type.getTypeName() + " has no components");
        }
        List<Column> columns = new ArrayList<>(components.length);
        for (RecordComponent component : components) {
            columns.add(Column.of(component.getName(), component.getType(), type.getTypeName()));
        }
        try {
            List<MethodHandle> takers = new ArrayList<>(components.length);
            for (RecordComponent component : components) {
                takers.add(taker(component));
            }
            return new RecordHandles(List.copyOf(columns), List.copyOf(takers), maker(type, components));
        } catch (ReflectiveOperationException | InaccessibleObjectException closed) {
            throw new IllegalArgumentException(
                    type.getTypeName() + " cannot be read and made: open package " + type.getPackageName()
                            + " of its module to " + named(RecordHandles.class.getModule()),
                    closed);
        }
    }

    private static String named(Module module) {
        return module.isNamed() ? "module " + module.getName() : "the unnamed module";
    }

    private static MethodHandle taker(RecordComponent component) throws IllegalAccessException {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        MethodHandle read = MethodHandles.lookup().unreflect(accessor);
        MethodHandle store =
                MethodHandles.arrayElementSetter(component.getType().arrayType());
        MethodHandle readAndStore = MethodHandles.collectArguments(store, 2, read)
                .asType(methodType(void.class, Object.class, int.class, Object.class));
        return MethodHandles.permuteArguments(
                readAndStore, methodType(void.class, Object.class, Object.class, int.class), 1, 2, 0);
    }

    /** The constructor, each of its parameters read from row {@code row} of its column. */
    private static MethodHandle maker(Class<?> type, RecordComponent[] components) throws ReflectiveOperationException {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        MethodHandle maker = MethodHandles.lookup().unreflectConstructor(constructor);
        maker = MethodHandles.dropArguments(maker, 0, Object[].class, int.class);
        for (int k = 0; k < types.length; k++) {
            maker = bound(maker, cell(k, types[k].arrayType()));
        }
        return maker.asType(methodType(Object.class, Object[].class, int.class));
    }

    /** {@code (Object[] values, int row) -> the element of row in values[k]}. */
    private static MethodHandle cell(int k, Class<?> arrayType) {
        MethodHandle column = MethodHandles.insertArguments(COLUMN, 1, k).asType(methodType(arrayType, Object[].class));
        return MethodHandles.filterArguments(MethodHandles.arrayElementGetter(arrayType), 0, column);
    }

    /** {@code (values, row, parameter, rest...)} as {@code (values, row, rest...)}, the parameter read from the two. */
    private static MethodHandle bound(MethodHandle maker, MethodHandle parameter) {
        MethodType type = maker.type().dropParameterTypes(2, 3);
        int[] order = new int[type.parameterCount() + 2];
        for (int i = 0; i < order.length; i++) {
            order[i] = i < 2 ? i : i - 2;
        }
        return MethodHandles.permuteArguments(MethodHandles.collectArguments(maker, 2, parameter), type, order);
    }
}
