package io.foretell.it;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a user can see names types of the JDK, ours and JSpecify's, and at the module's edge those it lets in. */
final class PublicSignatures extends ArchCondition<JavaClass> {
    private final Edge edge;

    PublicSignatures(Edge edge) {
        super("name no third-party type in what a user can see");
        this.edge = edge;
    }

    /** Where a third-party type may be named: the pattern fits the class's name without its package. */
    record Edge(String classes, Set<String> types) {
        boolean allows(JavaClass owner, JavaClass type) {
            String name = owner.getName().substring(owner.getPackageName().length() + 1);
            return types.contains(type.getName()) && name.matches(classes);
        }
    }

    static boolean visible(JavaClass type) {
        Optional<JavaClass> outer = type.getEnclosingClass();
        return !type.isAnonymousClass()
                && !type.isLocalClass()
                && shown(type.getModifiers())
                && outer.map(PublicSignatures::visible).orElse(true)
                && !(type.getPackageName() + ".").contains(".internal.")
                && !type.getPackageName().equals("io.foretell.grpc.proto");
    }

    @Override
    public void check(JavaClass owner, ConditionEvents events) {
        Stream<JavaType> above = Stream.concat(owner.getSuperclass().stream(), owner.getInterfaces().stream());
        Stream<JavaType> bounds =
                owner.getTypeParameters().stream().flatMap(variable -> variable.getUpperBounds().stream());
        Stream.concat(above, bounds).forEach(type -> check(owner, owner.getDescription(), type, events));

        owner.getAllFields().stream()
                .filter(PublicSignatures::ours)
                .forEach(field -> check(owner, field.getDescription(), field.getType(), events));
        Stream.concat(owner.getAllMethods().stream(), owner.getConstructors().stream())
                .filter(PublicSignatures::ours)
                .forEach(unit -> types(unit).forEach(type -> check(owner, unit.getDescription(), type, events)));
    }

    private void check(JavaClass owner, String where, JavaType type, ConditionEvents events) {
        type.getAllInvolvedRawTypes().stream()
                .map(JavaClass::getBaseComponentType)
                .filter(raw -> !everyonesOwn(raw) && !edge.allows(owner, raw))
                .forEach(raw -> events.add(
                        SimpleConditionEvent.violated(owner, where + " names " + raw.getName() + " for its users")));
    }

    private static Stream<JavaType> types(JavaCodeUnit unit) {
        Stream<JavaType> declared = Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream());
        Stream<JavaType> bounds =
                unit.getTypeParameters().stream().flatMap(variable -> variable.getUpperBounds().stream());
        return Stream.of(declared, bounds, unit.getExceptionTypes().stream()).flatMap(types -> types);
    }

    private static boolean ours(JavaMember member) {
        return member.getOwner().getPackageName().startsWith("io.foretell") && shown(member.getModifiers());
    }

    private static boolean shown(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    private static boolean everyonesOwn(JavaClass type) {
        String name = type.getName();
        return type.isPrimitive()
                || name.startsWith("java.")
                || name.startsWith("javax.net.")
                || name.startsWith("io.foretell.")
                || name.startsWith("org.jspecify.");
    }
}
