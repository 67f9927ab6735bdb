package io.foretell.it;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The floors of the library: nothing points up, nothing runs in a circle, and third parties stay inside. */
class ArchitectureTest {
    private static final String BASE = "io.foretell";
    private static final String[] FLOOR_1 = {BASE + ".tensor..", BASE + ".error..", BASE + ".time.."};
    private static final String[] FLOOR_2 = {BASE + ".policy..", BASE + ".transport.."};
    private static final String[] FLOOR_3 = {BASE + ".codec..", BASE + ".event..", BASE + ".metrics.."};

    /** What each package may use of ours, beside itself. */
    private static final Map<String, String[]> FLOORS = Map.ofEntries(
            Map.entry(BASE + ".tensor", new String[0]),
            Map.entry(BASE + ".error", new String[0]),
            Map.entry(BASE + ".time", new String[0]),
            Map.entry(BASE + ".policy", FLOOR_1),
            Map.entry(BASE + ".transport", FLOOR_1),
            Map.entry(BASE + ".codec", floors(FLOOR_1, FLOOR_2)),
            Map.entry(BASE + ".event", floors(FLOOR_1, FLOOR_2)),
            Map.entry(BASE + ".metrics", floors(FLOOR_1, FLOOR_2, new String[] {BASE + ".event.."})),
            Map.entry(BASE + ".internal", floors(FLOOR_1, FLOOR_2, FLOOR_3)),
            Map.entry(BASE + ".grpc", floors(FLOOR_1, FLOOR_2, FLOOR_3)),
            Map.entry(BASE + ".http", floors(FLOOR_1, FLOOR_2, FLOOR_3)));

    private static final JavaClasses CORE = classesOf(Module.CORE);
    private static final JavaClasses ALL = classesOf(Module.values());

    @TestFactory
    Stream<DynamicTest> package_usesOnlyFloorsBelow() {
        return FLOORS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(floor -> DynamicTest.dynamicTest(
                        floor.getKey(),
                        () -> floorRule(floor.getKey(), floor.getValue()).check(ALL)));
    }

    @Test
    void predictors_useCoreOnly() {
        classes()
                .that()
                .resideInAPackage(BASE)
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage(BASE + "..")
                        .or(resideInAnyPackage(
                                floors(FLOOR_1, FLOOR_2, FLOOR_3, new String[] {BASE, BASE + ".internal.."}))))
                .check(CORE);
    }

    @Test
    void packages_haveNoCycle() {
        slices().assignedFrom(new OnePackageEach()).should().beFreeOfCycles().check(ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensor", "error", "time", "transport"})
    void lowFloors_useTheJdkAlone(String name) {
        onlyThirdParties(BASE + "." + name).check(CORE);
    }

    @Test
    void core_knowsNoTransportNorJson() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "io.netty..",
                        "com.google..",
                        "software.amazon..",
                        "com.fasterxml.jackson..",
                        "tools.jackson..")
                .check(CORE);
    }

    @Test
    void core_usesItsFewLibrariesOnly() {
        onlyThirdParties(BASE, "org.slf4j..", "org.HdrHistogram..", "io.github.resilience4j..")
                .check(CORE);
    }

    @Test
    void resilience4j_staysInPoliciesAndGates() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + ".policy", BASE + ".internal.gate")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.github.resilience4j..")
                .check(ALL);
    }

    @ParameterizedTest
    @EnumSource
    void signatures_nameNoThirdParty(Module module) throws IOException {
        classes()
                .that(describe("a user can see", PublicSignatures::visible))
                .should(new PublicSignatures(edge(module)))
                .allowEmptyShould(PublicApi.of(module).isEmpty())
                .check(classesOf(module));
    }

    @Test
    void core_readsNoWallClock() {
        neverIn(CORE, "System.currentTimeMillis()", access -> targets(access, System.class, "currentTimeMillis"));
        neverIn(CORE, "Instant.now()", access -> targets(access, Instant.class, "now"));
    }

    @Test
    void core_readsNanoTimeInItsTickerOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + ".time..")
                .should()
                .accessTargetWhere(describe("System.nanoTime()", access -> targets(access, System.class, "nanoTime")))
                .check(CORE);
    }

    @Test
    void core_neverSleeps() {
        neverIn(CORE, "Thread.sleep()", access -> targets(access, Thread.class, "sleep"));
    }

    @Test
    void core_namesTheExecutorOfAsynchronousWork() {
        neverIn(CORE, "ForkJoinPool.commonPool()", access -> targets(access, ForkJoinPool.class, "commonPool"));
        neverIn(CORE, "an asynchronous stage without an executor", ArchitectureTest::runsInTheCommonPool);
    }

    private static ArchRule floorRule(String name, String[] below) {
        return classes()
                .that()
                .resideInAPackage(name + "..")
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage(BASE + "..")
                        .or(resideInAPackage(name + ".."))
                        .or(resideInAnyPackage(below)));
    }

    private static ArchRule onlyThirdParties(String name, String... thirdParties) {
        return classes()
                .that()
                .resideInAPackage(name + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", BASE + "..")
                        .or(resideInAnyPackage(thirdParties))
                        .or(describe("primitives", ArchitectureTest::isPrimitive)));
    }

    private static boolean isPrimitive(JavaClass type) {
        return type.getBaseComponentType().isPrimitive();
    }

    private static void neverIn(JavaClasses classes, String what, Predicate<JavaAccess<?>> access) {
        noClasses().should().accessTargetWhere(describe(what, access)).check(classes);
    }

    private static boolean targets(JavaAccess<?> access, Class<?> owner, String name) {
        return access.getTargetOwner().isEquivalentTo(owner)
                && access.getTarget().getName().equals(name);
    }

    private static boolean runsInTheCommonPool(JavaAccess<?> access) {
        return access.getTargetOwner().isAssignableTo(CompletionStage.class)
                && access.getTarget().getName().endsWith("Async")
                && access.getTarget() instanceof CodeUnitAccessTarget method
                && isOfTheJdk(access.getTarget().getName())
                && method.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Executor.class));
    }

    private static boolean isOfTheJdk(String method) {
        return Arrays.stream(CompletableFuture.class.getMethods())
                .anyMatch(known -> known.getName().equals(method));
    }

    /** The third-party types that a public signature of the module may name, and the types that may name them. */
    private static PublicSignatures.Edge edge(Module module) {
        Set<String> grpc = Set.of("io.grpc.ManagedChannel", "io.grpc.NameResolver", "io.grpc.NameResolver$Factory");
        Set<String> http = Set.of(
                "software.amazon.awssdk.http.async.SdkAsyncHttpClient",
                "software.amazon.awssdk.auth.credentials.AwsCredentialsProvider",
                "software.amazon.awssdk.identity.spi.IdentityProvider",
                "software.amazon.awssdk.identity.spi.AwsCredentialsIdentity");
        Set<String> states = Set.of(
                "io.github.resilience4j.circuitbreaker.CircuitBreaker",
                "io.github.resilience4j.ratelimiter.RateLimiter");
        return switch (module) {
            case CORE -> new PublicSignatures.Edge("(Breaker|Limit)Policy(\\$Builder)?", states);
            case GRPC -> new PublicSignatures.Edge("(.*\\$)?\\w*Builder", grpc);
            case HTTP -> new PublicSignatures.Edge("(.*\\$)?\\w*Builder", http);
            case TESTING ->
                new PublicSignatures.Edge(
                        ".*", Stream.concat(grpc.stream(), http.stream()).collect(Collectors.toSet()));
        };
    }

    private static JavaClasses classesOf(Module... modules) {
        return new ClassFileImporter()
                .importPaths(Arrays.stream(modules).map(Module::classes).toList());
    }

    private static String[] floors(String[]... floors) {
        return Arrays.stream(floors).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private static final class OnePackageEach implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith(BASE)
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
