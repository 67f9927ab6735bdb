package io.foretell.it;

import java.io.IOException;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that a user of a module can see, one line each: a type, and indented below it its members in order of name.
 * Packages named {@code internal} and the generated messages are left out.
 */
final class PublicApi {
    private static final String INDENT = "    ";

    private PublicApi() {}

    static List<String> of(Module module) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : publicTypes(module.classes())) {
            lines.add(typeLine(type));
            members(type).sorted().distinct().map(INDENT::concat).forEach(lines::add);
        }
        return lines;
    }

    /** The lines that only one of the two has, each named by its type and marked with - or +. */
    static List<String> difference(List<String> accepted, List<String> found) {
        List<String> before = qualified(accepted);
        List<String> now = qualified(found);
        Stream<String> gone =
                before.stream().filter(line -> !now.contains(line)).map("- "::concat);
        Stream<String> added =
                now.stream().filter(line -> !before.contains(line)).map("+ "::concat);
        return Stream.concat(gone, added).toList();
    }

    private static List<String> qualified(List<String> lines) {
        List<String> qualified = new ArrayList<>();
        String type = "";
        for (String line : lines) {
            if (line.startsWith(INDENT)) {
                qualified.add(type + " :: " + line.strip());
            } else {
                type = line.replaceFirst(" (extends|implements|permits) .*", "");
                qualified.add(line);
            }
        }
        return qualified;
    }

    private static List<Class<?>> publicTypes(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith(".class"))
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replaceAll("[/\\\\]", "."))
                    .filter(name -> !name.endsWith("package-info") && !name.endsWith("module-info"))
                    .filter(name -> !(name + ".").contains(".internal."))
                    .filter(name -> !name.startsWith("io.foretell.grpc.proto."))
                    .sorted()
                    .<Class<?>>map(PublicApi::load)
                    .filter(PublicApi::visible)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("in target/classes but not on the class path: " + name, e);
        }
    }

    private static boolean visible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        Class<?> outer = type.getEnclosingClass();
        return seen(type.getModifiers(), outer) && (outer == null || visible(outer));
    }

    /** Public, or protected in a type that a user may extend. */
    private static boolean seen(int modifiers, @Nullable Class<?> owner) {
        return Modifier.isPublic(modifiers)
                || (Modifier.isProtected(modifiers) && owner != null && !Modifier.isFinal(owner.getModifiers()));
    }

    private static String typeLine(Class<?> type) {
        StringBuilder line = new StringBuilder(deprecated(type));
        line.append(modifiers(type)).append(kind(type)).append(' ').append(type.getName());
        line.append(typeParameters(type.getTypeParameters()));
        AnnotatedType superclass = type.getAnnotatedSuperclass();
        if (superclass != null && !type.isEnum() && !type.isRecord() && superclass.getType() != Object.class) {
            line.append(" extends ").append(name(superclass));
        }
        if (!type.isAnnotation() && type.getInterfaces().length > 0) {
            line.append(type.isInterface() ? " extends " : " implements ").append(names(type.getAnnotatedInterfaces()));
        }
        if (type.isSealed()) {
            line.append(Arrays.stream(type.getPermittedSubclasses())
                    .map(Class::getName)
                    .sorted()
                    .collect(Collectors.joining(", ", " permits ", "")));
        }
        return line.toString();
    }

    private static String modifiers(Class<?> type) {
        int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
        if (type.isInterface() || type.isEnum()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.FINAL | Modifier.STATIC);
        }
        if (type.isRecord()) {
            modifiers &= ~(Modifier.FINAL | Modifier.STATIC);
        }
        return Modifier.toString(modifiers) + (type.isSealed() && !type.isEnum() ? " sealed " : " ");
    }

    private static String kind(Class<?> type) {
        if (type.isAnnotation()) {
            return "@interface";
        }
        if (type.isInterface()) {
            return "interface";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isRecord() ? "record" : "class";
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(constants(type), components(type), constructors(type), fields(type), methods(type))
                .flatMap(lines -> lines);
    }

    private static Stream<String> constants(Class<?> type) {
        return type.isEnum()
                ? Stream.of(Arrays.stream(type.getDeclaredFields())
                        .filter(Field::isEnumConstant)
                        .map(Field::getName)
                        .collect(Collectors.joining(", ", "constants ", "")))
                : Stream.empty();
    }

    private static Stream<String> components(Class<?> type) {
        return type.isRecord()
                ? Stream.of(Arrays.stream(type.getRecordComponents())
                        .map(component -> name(component.getAnnotatedType()) + " " + component.getName())
                        .collect(Collectors.joining(", ", "components (", ")")))
                : Stream.empty();
    }

    private static Stream<String> constructors(Class<?> type) {
        return Arrays.stream(type.getDeclaredConstructors())
                .filter(constructor -> shown(constructor, type))
                .map(PublicApi::constructorLine);
    }

    private static String constructorLine(Constructor<?> constructor) {
        return deprecated(constructor)
                + Modifier.toString(constructor.getModifiers())
                + " "
                + typeParametersThenSpace(constructor)
                + "new"
                + parameters(constructor)
                + thrown(constructor);
    }

    private static Stream<String> fields(Class<?> type) {
        return withHiddenSupertypes(type)
                .flatMap(owner -> Arrays.stream(owner.getDeclaredFields()))
                .filter(field -> !field.isEnumConstant() && shown(field, type))
                .map(field -> deprecated(field) + Modifier.toString(field.getModifiers()) + " "
                        + name(field.getAnnotatedType()) + " " + field.getName());
    }

    private static Stream<String> methods(Class<?> type) {
        return withHiddenSupertypes(type)
                .flatMap(owner -> Arrays.stream(owner.getDeclaredMethods()))
                .filter(method -> !method.isBridge() && shown(method, type))
                .map(PublicApi::methodLine);
    }

    private static String methodLine(Method method) {
        int modifiers = method.getModifiers()
                & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL);
        return deprecated(method)
                + Modifier.toString(modifiers)
                + (method.isDefault() ? " default " : " ")
                + typeParametersThenSpace(method)
                + name(method.getAnnotatedReturnType())
                + " "
                + method.getName()
                + parameters(method)
                + thrown(method);
    }

    /** The type, and those above it that only lend it their members: supertypes which a user cannot see. */
    private static Stream<Class<?>> withHiddenSupertypes(Class<?> type) {
        Stream<Class<?>> above = Stream.concat(
                        Optional.ofNullable(type.getSuperclass()).stream(), Arrays.stream(type.getInterfaces()))
                .filter(supertype -> supertype.getName().startsWith("io.foretell.") && !visible(supertype));
        return Stream.concat(Stream.of(type), above.flatMap(PublicApi::withHiddenSupertypes));
    }

    private static boolean shown(Member member, Class<?> owner) {
        return !member.isSynthetic() && seen(member.getModifiers(), owner);
    }

    private static String deprecated(AnnotatedElement element) {
        return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
    }

    private static String parameters(Executable executable) {
        AnnotatedType[] types = executable.getAnnotatedParameterTypes();
        String list = names(types);
        return executable.isVarArgs() ? "(" + list.substring(0, list.length() - 2) + "...)" : "(" + list + ")";
    }

    private static String thrown(Executable executable) {
        AnnotatedType[] types = executable.getAnnotatedExceptionTypes();
        return types.length == 0 ? "" : " throws " + names(types);
    }

    private static String typeParametersThenSpace(Executable executable) {
        String parameters = typeParameters(executable.getTypeParameters());
        return parameters.isEmpty() ? "" : parameters + " ";
    }

    private static String typeParameters(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> variable.getName() + bounds(" extends ", variable.getAnnotatedBounds()))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String bounds(String word, AnnotatedType[] bounds) {
        String names = Arrays.stream(bounds).map(PublicApi::name).collect(Collectors.joining(" & "));
        return names.isEmpty() || names.equals("Object") ? "" : word + names;
    }

    private static String names(AnnotatedType[] types) {
        return Arrays.stream(types).map(PublicApi::name).collect(Collectors.joining(", "));
    }

    private static String name(AnnotatedType type) {
        String nullable = type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "";
        if (type instanceof AnnotatedArrayType array) {
            String marker = nullable.isEmpty() ? "[]" : " @Nullable []";
            return name(array.getAnnotatedGenericComponentType()) + marker;
        }
        if (type instanceof AnnotatedWildcardType wildcard) {
            return "?"
                    + bounds(" extends ", wildcard.getAnnotatedUpperBounds())
                    + bounds(" super ", wildcard.getAnnotatedLowerBounds());
        }
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return nullable
                    + plainName(((ParameterizedType) parameterized.getType()).getRawType())
                    + "<"
                    + names(parameterized.getAnnotatedActualTypeArguments())
                    + ">";
        }
        return nullable + plainName(type.getType());
    }

    private static String plainName(Type type) {
        return type.getTypeName().replaceFirst("^java\\.lang\\.(?=[A-Z])", "");
    }
}
