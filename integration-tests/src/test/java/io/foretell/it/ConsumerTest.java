package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.foretell.it.consumer.ConsumerMain;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we publish runs in an application that brings another protobuf-java or a newer Java than it was built with. */
class ConsumerTest {
    private static final Path NEW_PROTOBUF = Path.of("target", "consumer", "protobuf-java-4.36.2.jar");

    /** Of the test's own class path, what no application would have. */
    private static final Pattern TEST_ONLY =
            Pattern.compile(".*/(org/tensorflow|org/bytedeco|org/apache/camel|org/junit|org/assertj|com/tngtech)/.*");

    private static final int NEWER_JAVA = 25;
    private static final int MAX_SECONDS = 300;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"protobuf-java-3.25.9.jar", "protobuf-java-4.36.2.jar"})
    void main_onThisJava_predicts(String protobuf) throws Exception {
        assertPredicts(Path.of(System.getProperty("java.home")), System.getProperty("java.version"), protobuf);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protobuf-java-3.25.9.jar", "protobuf-java-4.36.2.jar"})
    void main_onJava25_predicts(String protobuf) throws Exception {
        Optional<Path> home = newerJava();
        if (home.isEmpty()) {
            System.out.println("consumer: no JDK " + NEWER_JAVA + " beside this one, not tested on it");
        }
        assumeTrue(home.isPresent(), "a JDK " + NEWER_JAVA + " beside this one");
        assertPredicts(home.get(), version(home.get()), protobuf);
    }

    private void assertPredicts(Path javaHome, String javaVersion, String protobuf) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(
                        javaHome.resolve("bin").resolve("java").toString(), ConsumerMain.class.getName())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("CLASSPATH", classPath(protobuf));

        Process process = builder.start();
        boolean ended = process.waitFor(MAX_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();

        String told = Files.readString(out) + Files.readString(err);
        assertThat(ended).as("ended within %s s: %s", MAX_SECONDS, told).isTrue();
        assertThat(process.exitValue()).as(told).isZero();
        assertThat(Files.readString(out).strip()).as(told).isEqualTo("ok " + javaVersion + " " + protobuf);
    }

    private static String classPath(String protobuf) {
        List<String> entries = Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> !TEST_ONLY
                        .matcher(entry.replace(File.separatorChar, '/'))
                        .matches())
                .map(entry -> protobuf(entry, protobuf))
                .toList();
        assertThat(entries).anyMatch(entry -> entry.endsWith(protobuf));
        return String.join(File.pathSeparator, entries);
    }

    private static String protobuf(String entry, String wanted) {
        boolean swapped = Path.of(entry).getFileName().toString().matches("protobuf-java-[0-9.]+\\.jar")
                && !entry.endsWith(wanted);
        return swapped ? NEW_PROTOBUF.toAbsolutePath().toString() : entry;
    }

    private static Optional<Path> newerJava() throws IOException {
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        try (Stream<Path> siblings = Files.list(home.getParent())) {
            return siblings.filter(sibling -> version(sibling).matches(NEWER_JAVA + "(\\..*)?"))
                    .findFirst();
        }
    }

    /** As the file {@code release} of a JDK tells it; empty for another folder. */
    private static String version(Path javaHome) {
        Path release = javaHome.resolve("release");
        if (!Files.isRegularFile(release)) {
            return "";
        }
        try (Stream<String> lines = Files.lines(release)) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> line.replaceAll("JAVA_VERSION=|\"", ""))
                    .collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
